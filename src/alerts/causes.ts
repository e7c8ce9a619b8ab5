import { createHash } from "node:crypto";
import { warningFinding } from "../doctor/receiver/warning-finding.ts";
import type { Warning } from "../doctor/receiver/warnings.ts";
import { cleaned } from "../doctor/run.ts";

/** Something that is wrong, and lasts until it is no longer found. */
export interface Cause {
  /** Stable: `sweep-late`, or with its subject, `dead:email:<hash of the error>`. */
  key: string;
  kind: Warning["kind"];
  finding: AlertFinding;
}

/** In words, without secrets and addresses. */
export interface AlertFinding {
  what: string;
  why: string | null;
  fix: string | null;
}

/** The causes of alerts among the warnings; the others are for the set-up of a receiver, and are in Health only. */
export function causesOf(warnings: readonly Warning[]): Cause[] {
  const causes = warnings.flatMap((warning) => keysOf(warning).map(causeOf));
  return [...new Map(causes.map((cause) => [cause.key, cause])).values()];
}

function causeOf({ key, warning }: Keyed): Cause {
  const [finding] = cleaned([warningFinding(warning)]);
  return {
    key,
    kind: warning.kind,
    finding: { what: finding?.what ?? key, why: finding?.why ?? null, fix: finding?.fix ?? null },
  };
}

interface Keyed {
  key: string;
  warning: Warning;
}

function keysOf(warning: Warning): Keyed[] {
  switch (warning.kind) {
    case "dead":
    case "held":
      return warning.causes.map((cause) => ({
        key: `${warning.kind}:${cause.handler}:${hash(cause.cause)}`,
        warning: { ...warning, count: cause.count, causes: [cause] },
      }));
    case "backlog":
      return [{ key: `backlog:${warning.backlog.handler}`, warning }];
    case "recipient-refused":
      return [{ key: `recipient-refused:${warning.recipient.key.slice(0, 12)}`, warning }];
    case "secret-ends":
      return [{ key: `secret-ends:${warning.name}`, warning }];
    case "refused":
    case "no-upload":
    case "sweep-late":
    case "background-silent":
    case "clock":
    case "overdue":
    case "deletions":
    case "pictures-removed":
      return [{ key: warning.kind, warning }];
    case "only-reconciled":
    case "errors":
    case "pictures-stale":
    case "operator-token":
    case "settings":
    case "configuration":
    case "no-account":
    case "no-mail":
      return [];
    default:
      return warning satisfies never;
  }
}

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);
