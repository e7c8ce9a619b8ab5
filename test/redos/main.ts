import { existsSync, writeFileSync } from "node:fs";
import { check } from "recheck";
import { expressions, written } from "./expressions.ts";
import { type Verdict, worstCases, worstCasesUrl } from "./worst-cases.ts";

// `npm run redos`: asks recheck for the worst case of each new regular expression, and drops those that are gone. `--all` asks again.

const known = existsSync(worstCasesUrl) && !process.argv.includes("--all") ? worstCases() : new Map();
const verdicts: [string, Verdict][] = [];
for (const literal of expressions().literals) {
  const name = written(literal);
  const verdict = known.get(name) ?? (await ask(literal));
  if (!known.has(name)) console.log(`${verdict === "safe" ? "safe" : JSON.stringify(verdict)}  ${name}`);
  verdicts.push([name, verdict]);
}
const sorted = verdicts.toSorted(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(worstCasesUrl, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);

async function ask({ pattern, flags }: { pattern: string; flags: string }): Promise<Verdict> {
  const found = await check(pattern, flags, { timeout: 30_000 });
  if (found.status !== "vulnerable") return found.status;
  const { pumps, suffix } = found.attack;
  return { pumps: pumps.map(({ prefix, pump }) => ({ prefix, pump })), suffix };
}
