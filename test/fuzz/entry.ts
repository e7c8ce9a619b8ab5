import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "vitest";
import { makeDue } from "../support/deliveries.ts";
import { invoke } from "../support/invoke.ts";
import { type FuzzedRequest, hookOf, mustBeStored, requestOf } from "./requests.ts";
import type { FuzzWorld } from "./world.ts";

/** A delivery that waits for another one, or for its turn, ends within so many looks. */
const maxLooks = 8;

/**
 * Why a delivery may be dead: its input, named. Anything else, such as an exception of our own code, is a fault.
 */
const deadByInput = [
  /^schema: /,
  /^the body is nested too deeply for the form /,
  /^the database rejects a value of this notification: /,
  /^the database rejects the outcome of the handler: /,
];

interface Left {
  /** Its beginning, for the report. */
  body: string;
  handler: string;
  type: string;
  state: string;
  error: string | null;
  outcomes: string[];
}

/**
 * Sends the requests at the same time, delivers until nothing is left, and checks what must hold for any input. Returns how each
 * delivery ended.
 */
export async function mustHold(world: FuzzWorld, sent: readonly FuzzedRequest[]): Promise<string[]> {
  world.environment();
  world.restore();
  const answers = await Promise.all(
    sent.map(async (fuzzed) => {
      const response = await invoke(hookOf(fuzzed), requestOf(fuzzed, world.url));
      const answer = (await response.json()) as { id?: string; error?: { reason: string } };
      return { fuzzed, status: response.status, answer };
    }),
  );
  for (const { fuzzed, status, answer } of answers) {
    const expected = mustBeStored(fuzzed)
      ? 200
      : expect.toSatisfy((code: number) => code >= 400 && code < 500);
    expect([status, answer.error?.reason], `the answer to ${fuzzed.path}`).toEqual([
      expected,
      mustBeStored(fuzzed) ? undefined : expect.any(String),
    ]);
  }
  await mustBeRecorded(world, answers);

  for (let looks = 0; looks < maxLooks && (await countOpen(world)) > 0; looks += 1) {
    await makeDue(world.db);
    await world.deliver();
  }
  const { rows } = await world.db.query<Left>(
    `select d.handler, n.type, d.state, d.last_error as error, octet_length(n.body) as bytes, left(regexp_replace(encode(n.body, 'escape'), '\\s+', ' ', 'g'), 3000) as body,
            array(select coalesce(outcome, 'open') from attempts a where a.delivery_id = d.id order by number) as outcomes
     from deliveries d join notifications n on n.id = d.notification_id`,
  );
  const faults = rows.filter(
    ({ state, error, outcomes }) =>
      state === "due" ||
      state === "running" ||
      outcomes.some((outcome) => ["retry", "lost", "open"].includes(outcome)) ||
      (state === "dead" && !deadByInput.some((reason) => reason.test(error ?? ""))),
  );
  if (faults.length > 0)
    throw new Error(
      faults
        .slice(0, 6)
        .map((fault) => JSON.stringify(fault).slice(0, 3_000))
        .join("\n"),
    );
  return rows.map(({ handler, state }) => `${handler.split(":")[0]} ${state}`);
}

/** Every 200 has its row with the bytes that were sent, and nothing else has one. */
async function mustBeRecorded(
  { db }: FuzzWorld,
  answers: readonly { fuzzed: FuzzedRequest; status: number; answer: { id?: string } }[],
): Promise<void> {
  const { rows } = await db.query<{ id: string; hash: string }>(
    "select id, encode(sha256(body), 'hex') as hash from notifications where source <> 'read'",
  );
  const stored = new Map(rows.map(({ id, hash }) => [id, hash]));
  const accepted = answers.filter(({ status }) => status === 200);
  for (const { fuzzed, answer } of accepted)
    expect(stored.get(answer.id ?? "")).toBe(createHash("sha256").update(fuzzed.body).digest("hex"));
  expect(new Set(accepted.map(({ answer }) => answer.id)).size).toBe(stored.size);
}

async function countOpen({ db }: FuzzWorld): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    "select count(*)::int as n from deliveries where state in ('due', 'running')",
  );
  return rows[0]?.n ?? 0;
}

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** The bytes in use after a full collection. */
export function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
