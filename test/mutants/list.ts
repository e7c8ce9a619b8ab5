/** A bug that the tests named with it must find. */
export interface Mutant {
  name: string;
  file: string;
  /** Occurs once in the file. */
  search: string;
  replacement: string;
  tests: readonly string[];
  /** A part of the titles of the tests to run; absent: all of the files. */
  title?: string;
}

const moderation = [
  "test/handlers/moderation/handler.test.ts",
  "test/handlers/moderation/late.test.ts",
  "test/handlers/moderation/forged.test.ts",
];

export const mutants: readonly Mutant[] = [
  {
    name: "moderation acts on a version that is not the judged one, after a look-up at Cloudinary",
    file: "src/handlers/moderation/process-decision.ts",
    search: `  if (found.version !== target.version) return await hold("replaced", row, current);\n`,
    replacement: "",
    tests: moderation,
    title: "version|replaced|facts",
  },
  {
    name: "moderation trusts the facts of another version",
    file: "src/handlers/moderation/process-decision.ts",
    search: `  if (seen.asset.version !== target.version) return await hold("replaced", row, current);\n`,
    replacement: "",
    tests: moderation,
    title: "version|replaced|facts",
  },
  {
    name: "moderation acts on a version that is not the judged one, right before the call",
    file: "src/handlers/moderation/carry-out.ts",
    search: `  if (asset.version !== target.version) return await hold("replaced", row, run);\n`,
    replacement: "",
    tests: moderation,
    title: "version|replaced|facts",
  },
  {
    name: "reserve ignores a later opposite decision",
    file: "src/handlers/moderation/reserve-action.ts",
    search: " and not overruled and not carried_out",
    replacement: " and not carried_out",
    tests: ["test/handlers/moderation/late.test.ts"],
    title: "later opposite decision",
  },
  {
    name: "reserve does not lock the decisions of the version",
    file: "src/handlers/moderation/reserve-action.ts",
    search: "order by kind, status, decided_at for update",
    replacement: "order by kind, status, decided_at",
    tests: ["test/handlers/moderation/handler.test.ts"],
    title: "reserve at the same time",
  },
  {
    name: "no wake-up is scheduled after a lost nudge",
    file: "src/lib/entry/wake-worker.ts",
    search: "    if (config.databaseSleeps) await wakeUps().schedule(new Date());\n",
    replacement: "",
    tests: ["test/lib/entry/worker.test.ts"],
    title: "a database that sleeps",
  },
  {
    name: "no wake-up is scheduled before the first claim",
    file: "src/lib/entry/worker.ts",
    search: "  await safeguard();\n  let safeMs",
    replacement: "  let safeMs",
    tests: ["test/lib/entry/worker.test.ts"],
    title: "a database that sleeps",
  },
  {
    name: "a statement is not sent again after a dropped connection",
    file: "src/lib/database/pool.ts",
    search: "if (fault === null || faults.has(fault)) throw error;",
    replacement: `if (fault === null || fault === "dropped" || faults.has(fault)) throw error;`,
    tests: ["test/lib/database/dropped.test.ts"],
  },
  {
    name: "an idle connection that is dropped ends the process",
    file: "src/lib/database/pool.ts",
    search: `  created.on("error", (error) => log("warn", "idle database connection dropped", { error: error.message }));\n`,
    replacement: "",
    tests: ["test/lib/database/dropped.test.ts"],
  },
  {
    name: "nothing limits the time of record",
    file: "src/lib/receive/receive.ts",
    search: "      timeoutMs,\n      recordVerified",
    replacement: "      1_000_000,\n      recordVerified",
    tests: ["test/lib/receive/limits.test.ts"],
    title: "never answers",
  },
  {
    name: "nothing limits the length of a body",
    file: "src/lib/receive/read-body.ts",
    search: `    if (length > limit) return { ok: false, reason: "body-too-large" };\n`,
    replacement: "",
    tests: ["test/lib/entry/hook.test.ts"],
    title: "S15",
  },
  {
    name: "the expired lease of a paused handler is claimed",
    file: "src/lib/deliveries/claim.ts",
    search:
      "lease_until <= now() and handler = any ($2::text[])\n    and handler not in (select handler from paused_handlers)\n",
    replacement: "lease_until <= now() and handler = any ($2::text[])\n",
    tests: ["test/lib/deliveries/deliver.test.ts"],
    title: "does not continue a delivery of a paused",
  },
  {
    name: "rejected requests without an x-cld header are counted",
    file: "src/lib/receive/refusals.ts",
    search: "  if (!claimsCloudinary(request.headers)) return;\n",
    replacement: "",
    tests: ["test/lib/entry/hook.test.ts"],
    title: "not counted",
  },
  {
    name: "the assets of a notification are stored again at each repeat",
    file: "src/lib/receive/record.ts",
    search: "  where noted.times_seen = 1\n)`;",
    replacement: ")`;",
    tests: ["test/lib/receive/receive.test.ts"],
    title: "names every asset once",
  },
  {
    name: "only the first resolved address of a host is checked",
    file: "src/lib/outgoing/address.ts",
    search: "addresses.find(",
    replacement: "addresses.slice(0, 1).find(",
    tests: ["test/lib/outgoing"],
  },
  {
    name: "what a claim put on hold is claimed again when its lease would have run out",
    file: "src/lib/deliveries/claim.ts",
    search: "where $4::boolean and state = 'running' and lease_until <= now()",
    replacement: "where $4::boolean and lease_until <= now()",
    tests: ["test/lib/deliveries/claim.test.ts"],
    title: "for good",
  },
  {
    name: "the delay of a retry counts from when the delivery was due",
    file: "src/lib/deliveries/settle.ts",
    search: "then now() + e.delay",
    replacement: "then d.due_at + e.delay",
    tests: ["test/lib/deliveries/deliver.test.ts"],
    title: "delays the next attempt",
  },
  {
    name: "the deletion cap counts an hour from the beginning of a deletion, not from its end",
    file: "src/handlers/moderation/reserve-action.ts",
    search: "coalesce(carried_out_at, begun_at) >",
    replacement: "begun_at >",
    tests: ["test/handlers/moderation/late.test.ts"],
    title: "within a cap",
  },
  {
    name: "an earlier failure of a rendition replaces a later one",
    file: "src/handlers/pim/merge.ts",
    search: "(excluded.failed_at, excluded.failure) > (t.failed_at, t.failure)",
    replacement: "(excluded.failed_at, excluded.failure) < (t.failed_at, t.failure)",
    tests: ["test/handlers/pim/handler.test.ts"],
    title: "each eager entry separately",
  },
  {
    name: "a notification about several assets is not kept in order by the first one in a FIFO queue",
    file: "src/lib/receive/record.ts",
    search: "->0->>'asset_id'",
    replacement: "->1->>'asset_id'",
    tests: ["test/handlers/forward/forward.test.ts"],
    title: "several assets",
  },
  {
    name: "a batch leaves the attempt of a claim that it waited for open",
    file: "src/lib/deliveries/claim-batch.ts",
    search:
      "on conflict (delivery_id, number) do update set ended_at = excluded.ended_at, outcome = excluded.outcome",
    replacement: "on conflict (delivery_id, number) do nothing",
    tests: ["test/lib/deliveries/claim.test.ts"],
    title: "of a batch",
  },
];
