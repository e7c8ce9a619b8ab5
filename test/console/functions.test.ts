import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { zipFunction } from "@netlify/zip-it-and-ship-it";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** A bundler runs. */
const slow = { timeout: 240_000 };
let output: string;

beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-console-"));
});
afterAll(() => rm(output, { recursive: true, force: true }));

/** What Netlify makes of a function: its parser drops in silence any config that is not literal. */
async function shipped(name: string) {
  const built = await zipFunction(join(root, `netlify/functions/${name}.ts`), output, {
    archiveFormat: "none",
    basePath: root,
  });
  if (!built) throw new Error(`Netlify builds no function called ${name}`);
  return {
    paths: built.routes?.map(({ pattern }) => pattern),
    excluded: built.excludedRoutes?.map(({ pattern }) => pattern),
    rateLimit: built.trafficRules?.action.config,
    inputs: built.inputs?.map((path) => path.replace(root, "")) ?? [],
  };
}

const perVisitor = { keys: [{ type: "ip" }, { type: "domain" }] };

it(
  "O1 sign-in is a separate function, limited to ten attempts a minute from one IP address",
  slow,
  async () => {
    const { paths, rateLimit, inputs } = await shipped("sign-in");
    expect(paths).toEqual(["/api/sign-in"]);
    expect(rateLimit).toMatchObject({
      rateLimitConfig: { windowLimit: 10, windowSize: 60 },
      aggregate: perVisitor,
    });
    expect(inputs).toContain("src/console/server/session-cookie.ts");
    expect(
      inputs.filter((path) => /^src\/(handlers|console\/server\/(routes|queries))\//.test(path)),
    ).toEqual([]);
  },
);

it("the API serves every other address under /api, with its own limit", slow, async () => {
  const { paths, excluded, rateLimit } = await shipped("console-api");
  expect(paths).toEqual(["/api/*"]);
  expect(excluded).toEqual(["/api/sign-in"]);
  expect(rateLimit).toMatchObject({
    rateLimitConfig: { windowLimit: 600, windowSize: 60 },
    aggregate: perVisitor,
  });
});
