import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { zipFunctions } from "@netlify/zip-it-and-ship-it";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
let output: string;
let built: Awaited<ReturnType<typeof zipFunctions>>;

beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-zip-"));
  built = await zipFunctions(join(root, "netlify/functions"), output, {
    archiveFormat: "none",
    basePath: root,
  });
}, 120_000);
afterAll(() => rm(output, { recursive: true, force: true }));

/** What Netlify makes of a function: its parser drops in silence any config that is not literal. */
function shipped(name: string) {
  const found = built.find((one) => one.name === name);
  if (!found) throw new Error(`Netlify builds no function called ${name}`);
  const inputs: string[] = found.inputs ?? [];
  const packages = inputs.flatMap((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []);
  return {
    paths: (found.routes ?? []).map(({ pattern }) => pattern),
    methods: (found.routes ?? []).flatMap(({ methods }) => methods),
    schedule: found.schedule,
    background: found.invocationMode === "background",
    inputs: inputs.map((path) => path.replace(root, "")),
    packages: new Set(packages),
  };
}

it.each([
  ["upload", "/webhooks/upload"],
  ["eager", "/webhooks/eager"],
  ["moderation", "/webhooks/moderation"],
  ["delete", "/webhooks/delete"],
  ["notification", "/webhooks"],
  ["public", "/webhooks/public"],
  ["sendgrid", "/webhooks/sendgrid"],
  ["decide", "/decide/*"],
])("%s is at %s, for every method, so that 405 can be answered", (name, path) => {
  expect(shipped(name)).toMatchObject({ paths: [path], methods: [], schedule: undefined, background: false });
});

it.each(["upload", "eager", "moderation", "delete", "notification", "public"])(
  "%s reaches the database client and nothing else of weight",
  (name) => {
    const { inputs, packages } = shipped(name);
    expect(inputs).toContain("src/lib/database/pg.generated.js"); // Or this test would pass on an empty list.
    // @netlify/blobs and what it needs are behind a dynamic import of the package, which stays lazy.
    const lazy = [...packages].filter((name) => !name.startsWith("@netlify/"));
    for (const heavy of [
      "zod",
      "cloudinary",
      "@sendgrid/mail",
      "pg",
      "hono",
      "sharp",
      "mjml",
      "standardwebhooks",
    ])
      expect(lazy).not.toContain(heavy);
    expect(
      inputs.filter((path) =>
        /^src\/(handlers|console|local|cli)\/|^src\/lib\/(notifications|polling|cloudinary)\//.test(path),
      ),
    ).toEqual([]);
  },
);

it("deliver-background is marked as a background function in both ways", () => {
  expect(shipped("deliver-background")).toMatchObject({ paths: [], background: true });
});

it("sweep runs every five minutes", () => {
  expect(shipped("sweep")).toMatchObject({ paths: [], schedule: "*/5 * * * *", background: false });
});

it("reconcile runs every six hours, in a minute of the sweep's unconditional query", () => {
  expect(shipped("reconcile")).toMatchObject({ paths: [], schedule: "0 */6 * * *", background: false });
});

it.each(["console-api", "sign-in"])("%s is under /api", (name) => {
  for (const path of shipped(name).paths) expect(path).toMatch(/^\/api\//);
  expect(shipped(name).paths.length).toBeGreaterThan(0);
});

it.each(["deliver-background", "sweep", "reconcile"])("%s reaches the SDKs and the schemas", (name) => {
  const { packages } = shipped(name);
  for (const needed of ["zod", "cloudinary", "@sendgrid/mail"]) expect(packages).toContain(needed);
});

it("the page of a link to decide is rate limited", () => {
  expect(built.find(({ name }) => name === "decide")?.trafficRules).toMatchObject({
    action: { config: { rateLimitConfig: { windowSize: 60, windowLimit: 30 } } },
  });
});

it("no function contains an emulator", () => {
  for (const { name } of built)
    expect(shipped(name).inputs.filter((path) => path.startsWith("src/local/"))).toEqual([]);
});
