import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listFunctions } from "@netlify/zip-it-and-ship-it";
import { afterEach, expect, it } from "vitest";
import { callDue, scheduledFunctions } from "../../../src/local/stack/clock.ts";
import { type Site, site } from "../../support/site.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const secrets = [{ name: "main", value: "a-secret-of-the-stack", expiresAt: null, cloud: null }];
const never = new AbortController().signal;

let netlify: Site | undefined;
afterEach(() => netlify?.close());

it("the clock supports Netlify's schedules", async () => {
  const known = await listFunctions(join(root, "netlify/functions"), { parseISC: true });
  const expected = known.flatMap(({ name, schedule }) => (schedule ? [{ name, cron: schedule }] : []));
  expect(expected).toContainEqual({ name: "sweep", cron: "*/5 * * * *" });
  expect(new Set(await scheduledFunctions(root))).toEqual(new Set(expected));
});

it("calls due functions by POST, and no others", async () => {
  netlify = await site(200);
  const { origin, requests } = netlify;
  const calls = async (at: string) => {
    requests.length = 0;
    expect(await callDue({ folder: root, url: origin, secrets, at: new Date(at), signal: never })).toEqual(
      [],
    );
    return requests.map(({ method, path }) => `${method} ${path}`);
  };
  expect(await calls("2026-11-23T12:36:00Z")).toEqual([]);
  expect(await calls("2026-11-23T12:35:00Z")).toEqual(["POST /.netlify/functions/sweep"]);
});

it("reports a failed function", async () => {
  netlify = await site(500);
  const at = new Date("2026-11-23T12:35:00Z");
  expect(await callDue({ folder: root, url: netlify.origin, secrets, at, signal: never })).toEqual([
    "The scheduled function sweep returned 500.",
  ]);
});
