import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import {
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { unzipSync } from "fflate";
import { inFlight } from "./in-flight.ts";
import type { LambdaAnswer, LambdaEvent } from "./lambda.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A function in `.netlify/functions/manifest.json`, the list that Netlify deploys. */
interface ManifestFunction {
  name: string;
  path: string;
  runtimeVersion: string;
  invocationMode: "stream" | "background";
  schedule?: string;
  routes?: { pattern: string; methods: string[]; expression?: string; literal?: string }[];
  trafficRules?: unknown;
  excludedRoutes?: { literal?: string }[];
}

export interface BuiltSite {
  /** With the source files and production packages. */
  folder: string;
  functions: ManifestFunction[];
  /** What `netlify build` printed. */
  output: string;
  remove(): Promise<void>;
}

/** `netlify build --offline` in a new folder that has only what a clone and `npm ci --omit=dev` put there. */
export async function buildSite(env: Record<string, string>): Promise<BuiltSite> {
  const { PATH = "", HOME = "", NODE_COMPILE_CACHE = "" } = process.env;
  const folder = await realpath(await mkdtemp(join(tmpdir(), "cloudinary-webhooks-build-")));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    for (const name of ["package.json", "netlify.toml", "tsconfig.json", "netlify", "src"])
      await cp(join(root, name), join(folder, name), { recursive: true });
    await copyProductionPackages(folder);
    const child = spawn(
      process.execPath,
      [join(root, "node_modules/netlify-cli/bin/run.js"), "build", "--offline"],
      {
        cwd: folder,
        env: {
          PATH: `${dirname(process.execPath)}:${PATH}`,
          HOME,
          NODE_COMPILE_CACHE,
          NO_COLOR: "1",
          CI: "true",
          ...env,
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const closed = once(child, "close");
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = await closed;
    const output = stdout + stderr;
    if (code !== 0) throw new Error(`netlify build ended with ${code}:\n${output}`);
    const manifest = JSON.parse(await readFile(join(folder, ".netlify/functions/manifest.json"), "utf8"));
    for (const { name, path } of manifest.functions) await unpack(path, join(folder, "unpacked", name));
    return {
      folder,
      output,
      remove,
      functions: manifest.functions.map((one: ManifestFunction) => ({
        ...one,
        path: join(folder, "unpacked", one.name),
      })),
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Not by symbolic links: Netlify's bundler ships a link as a link. */
async function copyProductionPackages(folder: string): Promise<void> {
  const lock: { packages: Record<string, { dev?: true }> } = JSON.parse(
    await readFile(join(root, "package-lock.json"), "utf8"),
  );
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    const isAtTop = path !== "" && path.lastIndexOf("node_modules/") === 0;
    // A lockfile also lists the binaries for other platforms.
    if (dev || !isAtTop || !existsSync(join(root, path))) continue;
    copyTree(join(root, path), join(folder, path));
  }
  await mkdir(join(folder, "node_modules/.bin"));
  await symlink("../vite/bin/vite.js", join(folder, "node_modules/.bin/vite"));
}

/**
 * By hard links where both folders are on one disk: nobody writes into an installed package, and sixteen thousand copies take eight
 * seconds of a core. Synchronous, since the many small steps of it take several times as long with promises.
 */
function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target, constants.COPYFILE_FICLONE);
  }
}

async function unpack(zip: string, folder: string): Promise<void> {
  const made = new Set<string>();
  for (const [name, bytes] of Object.entries(unzipSync(await readFile(zip)))) {
    const path = join(folder, name);
    if (!made.has(dirname(path))) mkdirSync(dirname(path), { recursive: true });
    made.add(dirname(path));
    writeFileSync(path, bytes);
  }
}

export interface RunningSite {
  origin: string;
  /** The versions of Node that run functions. */
  nodes: Set<string>;
  /** How often each function was called. */
  calls: Map<string, number>;
  /** Calls a function that has no address, as Netlify's scheduler does. */
  runScheduled(name: string): Promise<Response>;
  stop(): Promise<void>;
}

interface Instance {
  child: ChildProcess;
  invoke(event: LambdaEvent): Promise<LambdaAnswer>;
}

/** Netlify's front door on loopback: routes by the manifest, one process of `node` for each function. */
export async function runSite(
  { functions }: BuiltSite,
  node: string,
  env: Record<string, string>,
): Promise<RunningSite> {
  const instances = new Map<string, Promise<Instance>>();
  const nodes = new Set<string>();
  const calls = new Map<string, number>();
  const background = inFlight();
  const invoke = async (found: ManifestFunction, event: LambdaEvent) => {
    calls.set(found.name, (calls.get(found.name) ?? 0) + 1);
    const instance = instances.get(found.name) ?? startInstance(found.path, node, env, nodes);
    instances.set(found.name, instance);
    return await (await instance).invoke(event);
  };
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const url = new URL(request.url ?? "/", origin);
    const found = route(functions, url.pathname);
    if (!found) return response.writeHead(404).end();
    const called = invoke(found, event(url, request.method ?? "GET", request.headers, body));
    if (found.invocationMode === "background") {
      void background.track(called);
      return response.writeHead(202).end();
    }
    const { statusCode, multiValueHeaders, body: answer } = await called;
    response.writeHead(statusCode, multiValueHeaders).end(Buffer.from(answer, "base64"));
  }).listen(0, "127.0.0.1");
  server.keepAliveTimeout = 0; // As in src/local/server.ts.
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the listening socket has no port");
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    origin,
    nodes,
    calls,
    async runScheduled(name) {
      const found = functions.find((one) => one.name === name);
      if (!found?.schedule) throw new Error(`${name} has no schedule`);
      const { statusCode, body } = await invoke(
        found,
        event(
          new URL(`/.netlify/functions/${name}`, origin),
          "POST",
          { "x-nf-event": "schedule" },
          Buffer.from("{}"),
        ),
      );
      return new Response(Buffer.from(body, "base64"), { status: statusCode });
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      // A worker that is killed stays in the database as present for a while, and hooks rely on it.
      await background.idle();
      for (const instance of await Promise.all(instances.values())) {
        const ended = once(instance.child, "exit");
        instance.child.kill();
        await ended;
      }
    },
  };
}

function route(functions: readonly ManifestFunction[], path: string): ManifestFunction | undefined {
  return functions.find(({ name, routes, schedule, excludedRoutes = [] }) => {
    if (routes === undefined) return schedule === undefined && path === `/.netlify/functions/${name}`;
    if (excludedRoutes.some(({ literal }) => literal === path)) return false;
    return routes.some(({ literal, expression }) =>
      literal === undefined ? new RegExp(expression ?? "$^").test(path) : literal === path,
    );
  });
}

function event(
  url: URL,
  httpMethod: string,
  headers: NodeJS.Dict<string | string[]>,
  body: Buffer,
): LambdaEvent {
  const sent = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return {
    rawUrl: url.href,
    httpMethod,
    headers: {
      ...Object.fromEntries(sent),
      "x-nf-deploy-context": "production",
      "x-nf-request-id": "01TEST",
    },
    body: body.toString("base64"),
    isBase64Encoded: true,
  };
}

async function startInstance(
  path: string,
  node: string,
  env: Record<string, string>,
  nodes: Set<string>,
): Promise<Instance> {
  const entry = pathToFileURL(join(path, "___netlify-entry-point.mjs")).href;
  const child = fork(fileURLToPath(new URL("lambda.ts", import.meta.url)), [entry], {
    execPath: node,
    execArgv: [],
    env: { LAMBDA_TASK_ROOT: path, ...env },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const waiting = new Map<number, (answer: LambdaAnswer) => void>();
  const [version] = await once(child, "message", { signal: AbortSignal.timeout(60_000) });
  nodes.add(version);
  child.on("message", ({ id, answer }: { id: number; answer: LambdaAnswer }) => waiting.get(id)?.(answer));
  let calls = 0;
  return {
    child,
    invoke(event) {
      calls += 1;
      const { promise, resolve } = Promise.withResolvers<LambdaAnswer>();
      waiting.set(calls, resolve);
      child.send({ id: calls, event });
      return promise;
    },
  };
}
