import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import express from "express";
import { Hono } from "hono";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import manifest from "../package.json" with { type: "json" };
import type { Receiver } from "../src/lib/deliveries/define-handler.ts";
import { startHandlers } from "../src/lib/deliveries/start-handlers.ts";
import { redact } from "../src/lib/shared/redact.ts";
import { settings } from "../src/settings.ts";
import { uploadBody } from "./support/bodies.ts";
import type { ExampleAnswers, ExampleRequest } from "./support/run-examples.ts";
import { signedRequest } from "./support/signed-request.ts";

// The package of docs/import.md, as `npm pack` writes it, unpacked into the node_modules of another project.

const root = fileURLToPath(new URL("..", import.meta.url));
const node22 = join(root, "node_modules/node-22/node_modules/node/bin/node");
/** Node 20 of this machine, if it has one. */
const node20 = ["/usr/bin/node", "/usr/local/bin/node", process.env.NODE_20 ?? ""].find(
  (path) =>
    path !== "" && existsSync(path) && execFileSync(path, ["--version"]).toString().startsWith("v20."),
);
const secret = "s3cret-of-another-project-0123";
const runFile = promisify(execFile);

let project: string;
let tarball: string;
let installed: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "import-"));
  await runFile(process.execPath, [join(root, "src/package/package.build.ts")]);
  const packed = await runFile("npm", ["pack", "--json", "--pack-destination", project, "./build/package"], {
    cwd: root,
  });
  expect(packed.stdout).toContain(".tgz");
  tarball = join(project, `${manifest.name}-${manifest.version}.tgz`);
  installed = join(project, "node_modules", manifest.name);
  await mkdir(installed, { recursive: true });
  await runFile("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  for (const name of ["zod", "hono", "express", "@types"])
    await symlink(join(root, "node_modules", name), join(project, "node_modules", name), "junction");
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module", private: true }));
  const page = await readFile(join(root, "docs/import.md"), "utf8");
  for (const [, name = "", code = ""] of page.matchAll(/^```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)^```$/gm)) {
    await mkdir(dirname(join(project, name)), { recursive: true });
    await writeFile(join(project, name), code);
  }
}, 600_000);

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

/** A module of the packed package, with the types of its source. */
const packedModule = (name: string) => import(pathToFileURL(join(installed, `package/${name}.js`)).href);

it("contains no test, no SDK and no Postgres, and depends on zod only", async () => {
  const files = await readdir(installed, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  expect(paths.length).toBeGreaterThan(40);
  const needed = new Set<string>();
  for (const path of paths.filter((one) => one.endsWith(".js")))
    for (const [, name = ""] of (await readFile(path, "utf8")).matchAll(
      /(?:from|import)\s*\(?\s*"([^."][^"]*)"/g,
    ))
      needed.add(name);
  expect([...needed].sort()).toEqual(["node:crypto", "zod"]);
  const { dependencies } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  expect(Object.keys(dependencies)).toEqual(["zod"]);
});

it("publint finds nothing", async () => {
  const bytes = await readFile(tarball);
  const { messages } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true });
  expect(messages).toEqual([]);
});

it("the types are found by Node's and by bundlers' module resolution", { timeout: 120_000 }, async () => {
  const { stdout } = await runFile(process.execPath, [
    join(root, "node_modules/@arethetypeswrong/cli/dist/index.js"),
    tarball,
    ...["--profile", "esm-only", "--no-definitely-typed", "--format", "json"],
  ]).catch((error: { stdout: string }) => error);
  const { analysis, problems } = JSON.parse(stdout);
  expect(Object.keys(analysis.entrypoints).length).toBe(5);
  // Not for `require` before Node 22, and not for resolution as it was before `exports`.
  const found: { resolutionKind?: string }[] = Object.values(problems ?? {}).flat() as never;
  expect(found.length).toBeGreaterThan(0);
  expect(
    found.filter(({ resolutionKind = "" }) => !["node10", "node16-cjs"].includes(resolutionKind)),
  ).toEqual([]);
});

it("the examples pass the compiler, and misuse does not", { timeout: 120_000 }, async () => {
  await writeFile(
    join(project, "misuse.ts"),
    `import { verifyNotifications } from "cloudinary-webhooks/hono";
import { defineHandler } from "cloudinary-webhooks/handler";
import { parse } from "cloudinary-webhooks/notifications";
import { verifyRequest } from "cloudinary-webhooks/verify";
import { Hono } from "hono";
const parsed = parse("{}");
// @ts-expect-error: not before \`ok\` is checked
parsed.notification;
// @ts-expect-error: only an upload has it
if (parsed.ok) parsed.notification.existing;
if (parsed.ok && parsed.notification.type === "upload") parsed.notification.existing satisfies boolean;
// @ts-expect-error: no secret
verifyRequest(new Request("http://localhost"), {});
// @ts-expect-error: only the middleware sets it
new Hono().get("/", (c) => c.json(c.get("cloudinary").ageSeconds));
new Hono().get("/", verifyNotifications({ secrets: "" }), (c) => c.json(c.get("cloudinary").ageSeconds satisfies number));
// @ts-expect-error: not one of the six ways to end
defineHandler({ name: "wrong", handle: async () => ({ kind: "finished" }) });
`,
  );
  await writeFile(
    join(project, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        ...{ strict: true, noEmit: true, target: "es2022", module: "nodenext", types: ["node"] },
        // The declarations of the package are checked, too.
        skipLibCheck: false,
      },
      include: ["**/*.ts"],
    }),
  );
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await runFile(process.execPath, [tsc, "-p", project]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe("");
});

async function exampleRequest(request: Request): Promise<ExampleRequest> {
  const bytes = Buffer.from(await request.clone().arrayBuffer());
  return { headers: Object.fromEntries(request.headers), base64: bytes.toString("base64") };
}

describe.each([
  ["Node 24", process.execPath],
  ["Node 22", node22],
  ["Node 20", node20],
])("the examples on %s", (name, node) => {
  it("accept signed requests and reject others with the reason", async ({ skip }) => {
    if (node === undefined) return skip("this machine has no Node 20; NODE_20 names one");
    const body = JSON.stringify({ ...uploadBody(), note: "Ада\r\n\u{1f3fa}" });
    const forged = await exampleRequest(signedRequest(body, { secret }));
    forged.base64 = Buffer.from(body.replace("garden", "gardem")).toString("base64");
    const seconds = Math.floor(Date.now() / 1_000);
    const requests = [
      await exampleRequest(signedRequest(body, { secret })),
      await exampleRequest(signedRequest(uploadBody(), { secret, algorithm: "sha256" })),
      await exampleRequest(signedRequest('{"notification_type":"from_tomorrow"}', { secret })),
      await exampleRequest(signedRequest({ notification_type: "upload" }, { secret })),
      forged,
      await exampleRequest(signedRequest(body, { secret, timestamp: seconds - 7_300 })),
      { ...forged, headers: { "content-type": "application/json" } },
    ];
    const runner = join(root, "test/support/run-examples.ts");
    const command = name === "Node 20" ? await translated(runner) : [runner, project];
    const running = runFile(node, command, {
      env: { PORT: "0", CLOUDINARY_API_SECRET: secret, PATH: process.env.PATH },
    });
    running.child.stdin?.end(JSON.stringify(requests));
    const answers: ExampleAnswers = JSON.parse((await running).stdout);
    expect(Object.keys(answers)).toEqual(["node", "express", "hono", "next", "netlify", "lambda"]);
    for (const [name, list] of Object.entries(answers)) {
      expect([name, ...list.map(({ status }) => status)]).toEqual([name, 200, 200, 200, 200, 401, 401, 401]);
      const json = list.map((answer) => JSON.parse(answer.text));
      expect(json.slice(0, 3).map(({ received }) => received)).toEqual(["upload", "upload", "unknown"]);
      expect(json[3].received.map(({ path }: { path: string }) => path)).toContain("public_id");
      expect(json.slice(4).map(({ error }) => error.reason)).toEqual([
        "signature-mismatch",
        "timestamp-too-old",
        "signature-missing",
      ]);
    }
  });
});

/** The runner and the examples as JavaScript. */
async function translated(runner: string): Promise<string[]> {
  const examples = (await readdir(project, { recursive: true })).filter(
    (file) => file.endsWith(".ts") && !file.startsWith("node_modules"),
  );
  const there = { [join(project, "run-examples")]: runner };
  for (const file of examples) there[join(project, file.slice(0, -3))] = join(project, file);
  await build({
    entryPoints: there,
    outdir: "/",
    outbase: "/",
    format: "esm",
    platform: "node",
    logLevel: "silent",
  });
  return [join(project, "run-examples.js"), project, "js"];
}

it("a server that only verifies, or only compares types, bundles no zod", async () => {
  const bundled = async (code: string) => {
    const { outputFiles } = await build({
      stdin: { contents: code, resolveDir: project },
      ...{ bundle: true, write: false, platform: "node", format: "esm", logLevel: "silent" },
    });
    return outputFiles[0]?.text ?? "";
  };
  const all = await bundled('export { parse } from "cloudinary-webhooks/notifications";');
  expect(all).toContain("ZodObject");
  const verify = await bundled('export { verifyRequest } from "cloudinary-webhooks/verify";');
  expect(verify).not.toContain("ZodObject");
  expect(verify.length).toBeLessThan(15_000);
  const types = await bundled('export { isNotificationType } from "cloudinary-webhooks/notifications";');
  expect(types).not.toContain("ZodObject");
  expect(types.length).toBeLessThan(3_000);
});

describe("the middleware for Express", () => {
  async function listen(configure: (app: express.Express) => void): Promise<number> {
    const app = express().use(express.urlencoded());
    configure(app);
    const errors: express.ErrorRequestHandler = (error, _request, response, _next) => {
      response.status(500).send(String(error));
    };
    const server: Server = app.use(errors).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    return typeof address === "object" && address ? address.port : 0;
  }
  const post = (port: number, request: Request) =>
    fetch(new Request(`http://127.0.0.1:${port}/`, request)).then(async (answer) => ({
      status: answer.status,
      text: await answer.text(),
    }));
  const load = (): Promise<typeof import("../src/package/express.ts")> => packedModule("express");
  const body = Buffer.from('{"a":"\xff\r\n \u{1f3fa}"}', "latin1");

  it("hands on the received bytes, also those that express.raw() has read", async () => {
    const { verifyNotifications } = await load();
    const answer: express.RequestHandler = (request, response) => {
      response.json({ hex: request.body.toString("hex"), secret: request.cloudinary?.secretIndex });
    };
    const verify = verifyNotifications({ secrets: [undefined, "another-secret-of-16", secret] });
    const expected = JSON.stringify({ hex: body.toString("hex"), secret: 2 });
    const plain = await listen((app) => app.post("/", verify, answer));
    expect((await post(plain, signedRequest(body, { secret }))).text).toBe(expected);
    const raw = await listen((app) => app.post("/", express.raw({ type: "*/*" }), verify, answer));
    expect((await post(raw, signedRequest(body, { secret }))).text).toBe(expected);
    expect((await post(raw, signedRequest(body, { secret: "forged" }))).status).toBe(401);
  });

  it("fails with the reason if express.json() has read the body, or without a secret", async () => {
    const { verifyNotifications } = await load();
    const port = await listen((app) =>
      app.use(express.json()).post("/", verifyNotifications({ secrets: secret })),
    );
    const { status, text: said } = await post(port, signedRequest(uploadBody(), { secret }));
    expect([status, said]).toEqual([500, expect.stringContaining("express.json()")]);
    expect(() => verifyNotifications({ secrets: process.env.NO_SUCH_VARIABLE })).toThrow("No secret is set");
  });

  it.each([
    [413, "body-too-large", { maxBodyBytes: 1_000 }],
    [408, "body-timeout", { bodyTimeoutMs: 50 }],
  ])("answers %i to a body without end, and then closes the connection", async (status, reason, limits) => {
    const { verifyNotifications } = await load();
    const port = await listen((app) => app.post("/", verifyNotifications({ secrets: secret, ...limits })));
    const { headers } = await exampleRequest(signedRequest("{}", { secret }));
    const socket = connect(port, "127.0.0.1");
    const lines = ["POST / HTTP/1.1", "host: localhost", "transfer-encoding: chunked"];
    const sent = [...lines, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
    socket.write(`${sent.join("\r\n")}\r\n\r\n7d0\r\n${"x".repeat(2_000)}\r\n`);
    const answer = await text(socket);
    expect(answer.split(" ")[1]).toBe(String(status));
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(answer).toContain(`{"error":{"reason":"${reason}"}}`);
  });
});

it("the middleware for Hono hands on the received bytes, and the body stays readable", async () => {
  const { verifyNotifications }: typeof import("../src/package/hono.ts") = await packedModule("hono");
  const verify = verifyNotifications({ secrets: secret });
  const app = new Hono()
    .post("/", verify, async (c) => c.json([c.get("cloudinary").body.length, await c.req.json()]))
    .post(
      "/late",
      async (c, next) => {
        await c.req.text();
        await next();
      },
      verify,
    )
    .onError((error, c) => c.text(error.message, 500));
  const answer = await app.fetch(signedRequest('{ "a": 1 }', { secret, path: "/" }));
  expect(await answer.json()).toEqual([10, { a: 1 }]);
  const late = await app.fetch(signedRequest("{}", { secret, path: "/late" }));
  expect([late.status, await late.text()]).toEqual([500, expect.stringContaining("already read")]);
});

it("a receiver runs a handler of the package, and removes its secrets from logs", async () => {
  const { defineHandler }: typeof import("../src/package/handler.ts") = await packedModule("handler");
  const token = "t0ken-of-a-handler-elsewhere";
  const press = defineHandler({
    name: "press",
    environment: { PRESS_TOKEN: { about: "A token." } },
    async handle(_notification, { environment }) {
      return { kind: "retry", error: `rejected ${environment.PRESS_TOKEN}` };
    },
  });
  // The handler uses nothing else of the receiver.
  const receiver = { settings, variables: { PRESS_TOKEN: token } } as unknown as Receiver;
  const [handler] = startHandlers([press], receiver);
  const settled = await handler?.handle({} as never, {} as never);
  expect(settled).toEqual({ kind: "retry", error: `rejected ${token}` });
  expect(redact(`rejected ${token}`)).toBe("rejected [secret]");
});
