import { readFileSync } from "node:fs";
import * as z from "zod";

/** Written by `npm run redos`. */
export const worstCasesUrl = new URL("worst-cases.json", import.meta.url);

const attack = z.strictObject({
  pumps: z.array(z.strictObject({ prefix: z.string(), pump: z.string() })),
  suffix: z.string(),
});

/**
 * What recheck says of each expression: `safe`, its time grows linearly; `unknown`, it found neither a proof nor an attack; otherwise the
 * text with which its time grows faster.
 */
const verdict = z.union([z.literal("safe"), z.literal("unknown"), attack]);
export type Verdict = z.infer<typeof verdict>;
export type Attack = z.infer<typeof attack>;

const file = z.record(z.string(), verdict);

export const worstCases = (): Map<string, Verdict> =>
  new Map(Object.entries(file.parse(JSON.parse(readFileSync(worstCasesUrl, "utf8")))));

/** About `length` characters on which the expression takes longest. */
export function worstText({ pumps, suffix }: Attack, length: number): string {
  const each = length / pumps.length;
  const parts = pumps.map(({ prefix, pump }) => prefix + pump.repeat(Math.ceil(each / pump.length)));
  return parts.join("") + suffix;
}
