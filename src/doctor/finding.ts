export const levels = ["ok", "warning", "failed", "not-checked"] as const;
export type Level = (typeof levels)[number];

/** One result of a check. Its texts name variables, hosts and ids, never secrets or e-mail addresses. */
export interface Finding {
  /** Stable, for scripts: area and subject, such as `database.migrations`. */
  id: string;
  level: Level;
  /** What was found. */
  what: string;
  /** Why it matters; of `not-checked`, why not. */
  why: string | null;
  /** The command, page or setting that fixes it. */
  fix: string | null;
}

interface Advice {
  why: string;
  fix: string;
}

export const ok = (id: string, what: string): Finding => ({ id, level: "ok", what, why: null, fix: null });

export const warning = (id: string, what: string, advice: Advice): Finding => ({
  id,
  level: "warning",
  what,
  ...advice,
});

export const failed = (id: string, what: string, advice: Advice): Finding => ({
  id,
  level: "failed",
  what,
  ...advice,
});

export const notChecked = (id: string, what: string, why: string, fix: string | null = null): Finding => ({
  id,
  level: "not-checked",
  what,
  why,
  fix,
});
