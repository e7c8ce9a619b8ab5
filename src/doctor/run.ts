import { withDeadline } from "../lib/shared/deadline.ts";
import { errorText } from "../lib/shared/log.ts";
import { masked } from "../lib/shared/masked.ts";
import type { DoctorContext } from "./context.ts";
import { type Finding, notChecked } from "./finding.ts";

export interface Check {
  /** The first part of its findings' ids. */
  area: string;
  title: string;
  run: (context: DoctorContext) => Promise<Finding[]>;
}

/** For a check with all its calls. */
const deadlineMs = 15_000;

/**
 * Runs the checks side by side and returns their findings in the order of the list. Never rejects: a check that fails or takes too
 * long is itself a finding, so that one broken part hides no other.
 */
export async function diagnose(context: DoctorContext, which: readonly Check[]): Promise<Finding[]> {
  const found = await Promise.all(which.map((check) => runCheck(check, context)));
  return cleaned(found.flat());
}

async function runCheck({ area, title, run }: Check, context: DoctorContext): Promise<Finding[]> {
  try {
    const late = () => new Error(`no result within ${deadlineMs / 1_000} s`);
    return await withDeadline(deadlineMs, run(context), late);
  } catch (error) {
    return [notChecked(area, `${title} could not be checked`, errorText(error))];
  }
}

/** Whatever a service said may hold an address or a key. */
export function cleaned(findings: readonly Finding[]): Finding[] {
  return findings.map(({ id, level, what, why, fix }) => ({
    id,
    level,
    what: masked(what),
    why: why && masked(why),
    fix: fix && masked(fix),
  }));
}
