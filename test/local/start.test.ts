import { existsSync } from "node:fs";
import { mkdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { NetlifyDB } from "@netlify/database-dev";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readStackFile } from "../../src/cli/stack-files.ts";
import { isAlive, lockFolder } from "../../src/local/stack/lock.ts";
import { freePort } from "../support/free-port.ts";
import { projectFolder } from "../support/project-folder.ts";
import { run } from "../support/run.ts";

const npmStart = ["src/local/start.ts"];
const url = "http://localhost:8888";
const addresses = { url, localUrl: "http://127.0.0.1:8889" };
let folder: string;
let ports: { PORT: string; LOCAL_PORT: string };
let atTheEnd: (() => Promise<unknown>)[];

beforeEach(async () => {
  const project = await projectFolder();
  folder = project.path;
  ports = { PORT: String(await freePort()), LOCAL_PORT: String(await freePort()) };
  atTheEnd = [project.remove];
});
afterEach(async () => {
  for (const end of atTheEnd.reverse()) await end();
});

/** Takes a port, as another program would. */
async function take(port: string): Promise<void> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(Number(port), "127.0.0.1", resolve));
  atTheEnd.push(() => new Promise((resolve) => server.close(resolve)));
}

it.each([
  [
    "a thread for each call",
    "netlify-cli/dist/lib/functions/runtimes/js/index.js",
    /^import \{ Worker \} from '(node:)?worker_threads';$/m,
  ],
  [
    "its search for the packages of a function",
    "@netlify/zip-it-and-ship-it/dist/runtimes/node/bundlers/nft/index.js",
    /^import \{ nodeFileTrace, resolve as \w+ \} from '@vercel\/nft';$/m,
  ],
  [
    "the embedded database",
    "@netlify/dev/dist/main.js",
    /^import \{ NetlifyDB \} from "@netlify\/database-dev";$/m,
  ],
])("netlify dev imports %s where npm start replaces it", async (_, importer, line) => {
  expect(await readFile(join(folder, "node_modules", importer), "utf8")).toMatch(line);
});

describe("does not start", () => {
  afterEach(() => expect(existsSync(join(folder, ".netlify/db"))).toBe(false));

  it.each(["PORT", "LOCAL_PORT"] as const)("when %s is in use, and names the port", async (name) => {
    await take(ports[name]);
    const { code, stderr } = await run(folder, npmStart, ports);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^error: Port ${ports[name]} is in use.*${name}=`));
  });

  it("when both servers have the same port, or a port is invalid", async () => {
    const same = await run(folder, npmStart, { ...ports, LOCAL_PORT: ports.PORT });
    expect(same).toMatchObject({ code: 1, stderr: expect.stringContaining("PORT and LOCAL_PORT") });
    const none = await run(folder, npmStart, { ...ports, PORT: "eighty" });
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('PORT is "eighty"') });
  });

  it("when a variable in .env is malformed", async () => {
    await writeFile(join(folder, ".env"), "CLOUDINARY_URL=https://cloudinary.com\n");
    const { code, stderr } = await run(folder, npmStart, ports);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "CLOUDINARY_URL is not of the form cloudinary://<API key>:<API secret>@<cloud name>",
    );
  });

  it("when an option is unknown", async () => {
    const { code, stderr } = await run(folder, [...npmStart, "--frehs"], ports);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--frehs[\s\S]*npm start -- --fresh/);
  });

  it("when a stack is already running in the folder, even on other ports", async () => {
    const release = await lockFolder(folder, addresses);
    atTheEnd.push(release);
    const { code, stderr } = await run(folder, npmStart, ports);
    expect(code).toBe(1);
    expect(stderr).toContain(`is already running in this folder (process ${process.pid}, ${url})`);
  });

  it("when a `netlify dev` that somebody else started serves the folder's database", async () => {
    const database = new NetlifyDB({ logger: () => {} });
    atTheEnd.push(() => database.stop());
    await mkdir(join(folder, ".netlify"));
    const state = { siteId: "kept", dbConnectionString: await database.start() };
    await writeFile(join(folder, ".netlify/state.json"), JSON.stringify(state));
    const { code, stderr } = await run(folder, npmStart, ports);
    expect(code).toBe(1);
    expect(stderr).toContain("in use by another `netlify dev`");
  });
});

describe("the lock", () => {
  const lockFile = () => join(folder, ".local/stack.json");

  it("is removed after a failed start", async () => {
    await take(ports.PORT);
    await run(folder, npmStart, ports);
    expect(existsSync(lockFile())).toBe(false);
  });

  it("of a killed process is taken over, even if its id now belongs to another process", async () => {
    const dead = {
      pid: process.pid,
      folder,
      ...addresses,
      controlPort: await freePort(),
      nonce: "of the dead one",
    };
    await mkdir(join(folder, ".local"));
    await writeFile(lockFile(), JSON.stringify(dead));
    const release = await lockFolder(folder, addresses);
    expect(JSON.parse(await readFile(lockFile(), "utf8"))).toMatchObject({ pid: process.pid, folder });
    await release();
    expect(existsSync(lockFile())).toBe(false);
  });

  it("that is unreadable is taken over", async () => {
    await mkdir(join(folder, ".local"));
    await writeFile(lockFile(), '{"pid": 12');
    await (await lockFolder(folder, addresses))();
  });

  it("of a copied folder applies only to the original", async () => {
    const release = await lockFolder(folder, addresses);
    const copy = await projectFolder();
    atTheEnd.push(copy.remove, release);
    await mkdir(join(copy.path, ".local"));
    await writeFile(join(copy.path, ".local/stack.json"), await readFile(lockFile()));
    await (await lockFolder(copy.path, addresses))();
    await expect(lockFolder(folder, addresses)).rejects.toThrow("already running");
  });

  it("is not taken over by a starter that was paused while it asked the holder", async () => {
    atTheEnd.push(await lockFolder(folder, addresses));
    const holder = readStackFile(folder);
    if (holder === null) throw new Error("there is no lock");
    const alive = isAlive(holder);
    for (const until = performance.now() + 2_100; performance.now() < until; );
    expect(await alive).toBe(true);
  });

  it("is not blocked by a starter that was killed while checking it", async () => {
    await mkdir(join(folder, ".local"));
    const gate = `${lockFile()}.taking`;
    await writeFile(gate, "");
    const aMinuteAgo = new Date(Date.now() - 60_000);
    await utimes(gate, aMinuteAgo, aMinuteAgo);
    await (await lockFolder(folder, addresses))();
    expect(existsSync(gate)).toBe(false);
  });

  it("is taken over by one of several concurrent starters", async () => {
    await mkdir(join(folder, ".local"));
    for (let round = 0; round < 20; round += 1) {
      const dead = { pid: 1, folder, ...addresses, controlPort: await freePort(), nonce: `dead ${round}` };
      await writeFile(lockFile(), JSON.stringify(dead));
      const all = await Promise.allSettled(
        Array.from({ length: 8 }, async (_, index) => {
          await sleep(index % 3); // Some see the dead one when others have replaced it.
          return await lockFolder(folder, addresses);
        }),
      );
      const got = all.filter((one) => one.status === "fulfilled");
      expect(got).toHaveLength(1);
      for (const one of got) await one.value();
      expect(existsSync(lockFile())).toBe(false);
    }
  });
});

it("protects the folder's credentials from other users of the machine", async () => {
  await take(ports.PORT);
  await run(folder, npmStart, ports);
  const { mode } = await stat(join(folder, ".local/credentials.json"));
  expect(mode & 0o777).toBe(0o600);
});
