import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, it } from "vitest";
import type { BuiltSite } from "./built-site.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What Netlify makes of the functions: its parser drops in silence any config that is not literal. */
export function shippedFunctions(built: () => BuiltSite): void {
  function shipped(name: string) {
    const found = built().functions.find((one) => one.name === name);
    if (!found) throw new Error(`Netlify builds no function called ${name}`);
    return {
      paths: (found.routes ?? []).map(({ pattern }) => pattern),
      methods: (found.routes ?? []).flatMap(({ methods }) => methods),
      schedule: found.schedule,
      background: found.invocationMode === "background",
      packages: packagesIn(found.path),
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
    expect(shipped(name)).toMatchObject({
      paths: [path],
      methods: [],
      schedule: undefined,
      background: false,
    });
  });

  it.each(["upload", "eager", "moderation", "delete", "notification", "public"])(
    "%s reaches the database client and nothing else of weight",
    async (name) => {
      const { packages } = shipped(name);
      const inputs = await inputsOf(name);
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

  it("no function contains an emulator", async () => {
    for (const { name } of built().functions)
      expect((await inputsOf(name)).filter((path) => path.startsWith("src/local/"))).toEqual([]);
  });
}

/** The packages in a function's archive, at any depth. */
function packagesIn(folder: string): Set<string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) =>
    path.replaceAll("\\", "/"),
  );
  return new Set(
    paths.flatMap((path) =>
      [...path.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].map(([, name = ""]) => name),
    ),
  );
}

/** The files of the project that the bundler reads for a function, also those of which nothing is left in the archive. */
async function inputsOf(name: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [`netlify/functions/${name}.ts`],
    ...{ bundle: true, write: false, metafile: true, outdir: "/", packages: "external" },
    ...{ platform: "node", format: "esm", logLevel: "silent" },
  });
  return Object.keys(metafile.inputs);
}
