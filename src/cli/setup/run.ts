import { setTimeout as sleep } from "node:timers/promises";
import type { CloudinaryAccount } from "../../config.types.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import { explain } from "../account.ts";
import { UserError } from "../user-error.ts";
import { type Applied, apply } from "./apply.ts";
import { makePlan, type Plan, type Wanted } from "./plan.ts";
import { describeFailure, describePlan, describeStep } from "./show.ts";

export interface SetupOptions {
  account: CloudinaryAccount;
  wanted: Wanted;
  dryRun: boolean;
  say: (text: string) => void;
  /** Throws unless the person agrees. */
  confirm: (changes: number) => Promise<void>;
}

export interface SetupResult {
  plan: Plan;
  /** null: nothing was to be changed, or nothing could be. */
  applied: Applied | null;
  /** What Cloudinary shows afterwards. */
  now: Plan | null;
  /** Why it did not end as it should. */
  problem: string | null;
}

/** Reads, plans, asks, applies and reads back. Throws `UserError` if nothing was changed because the account could not be read. */
export async function runSetup({
  account,
  wanted,
  dryRun,
  say,
  confirm,
}: SetupOptions): Promise<SetupResult> {
  const plan = await makePlan(account, wanted).catch((error: unknown) => {
    if (!(error instanceof CloudinaryError)) throw error;
    throw new UserError(`Nothing was changed. ${explain(error)}`, 1, { cause: error });
  });
  const show = (shown: Plan) => describePlan(shown, wanted.preset?.name ?? "");
  say(`${show(plan)}\n`);
  const { problems } = plan.triggers;
  if (problems.length > 0)
    return { plan, applied: null, now: null, problem: `Nothing was changed. ${problems.join(" ")}` };
  if (dryRun || plan.steps.length === 0) {
    say(plan.steps.length === 0 ? "Nothing to change." : "Nothing was changed (--dry-run).");
    return { plan, applied: null, now: null, problem: null };
  }
  await confirm(plan.steps.length);
  const applied = await apply(account, plan.steps, (step) => say(`done: ${describeStep(step)}`));
  if (applied.failed !== null) return { plan, applied, now: null, problem: describeFailure(applied) };
  try {
    const now = await readBack(account, wanted);
    say(`\nRead back:\n${show(now)}`);
    return { plan, applied, now, problem: unseen(now) };
  } catch (error) {
    if (!(error instanceof CloudinaryError)) throw error;
    const problem = `Every change was applied, but could not be read back. ${explain(error)} Run the same command again to check.`;
    return { plan, applied, now: null, problem };
  }
}

/** A change may take a moment to be shown. */
async function readBack(account: CloudinaryAccount, wanted: Wanted): Promise<Plan> {
  for (let tries = 1; ; tries += 1) {
    const plan = await makePlan(account, wanted);
    if (plan.steps.length === 0 || tries === 3) return plan;
    await sleep(1_000);
  }
}

const unseen = ({ steps }: Plan): string | null =>
  steps.length === 0
    ? null
    : `Cloudinary took every change, but does not show all of them: ${steps.map(describeStep).join("; ")}. Run the same command again.`;
