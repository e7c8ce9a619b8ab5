import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import eagerHook from "../../netlify/functions/eager.ts";
import anyHook from "../../netlify/functions/notification.ts";
import uploadHook from "../../netlify/functions/upload.ts";
import { standInUrl } from "../../src/cli/stack-files.ts";
import { type Serving, serve } from "../../src/local/server.ts";
import { folderCredentials } from "../../src/local/stack/credentials.ts";
import { lockFolder } from "../../src/local/stack/lock.ts";
import { startStandIns } from "../../src/local/stack/stand-ins.ts";
import { realDatabase, type TestDatabase } from "../support/databases.ts";
import { configured } from "../support/environment.ts";
import { freePort } from "../support/free-port.ts";
import { invoke } from "../support/invoke.ts";
import { projectFolder } from "../support/project-folder.ts";
import { run } from "../support/run.ts";

// The examples of docs/flows.md as a person runs them: in the project's folder, with the SDK, against the stand-ins and the
// hook functions. Only `netlify dev` is left out.

const page = readFileSync(new URL("../../docs/flows.md", import.meta.url), "utf8");

/** What each example must lead to in the receiver's records. */
const recorded: Readonly<Record<string, string[]>> = {
  F1: ["delete", "rename", "upload"],
  F2: ["sprite", "upload"],
  F3: ["explode", "sprite", "upload"],
  F4: ["multi", "upload"],
  F5: ["upload"],
  F6: ["eager", "upload"],
  F7: ["upload"],
  F8: ["moderation", "upload"],
  F9: ["eager", "upload"],
  F10: ["info", "upload"],
  F11: ["moderation", "upload"],
  F13: ["hello"],
};

const examples = page
  .split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const [, id = ""] = /^(F\d+) /.exec(section) ?? [];
    const [, code] = /```js\n([\s\S]+?)```/.exec(section) ?? [];
    return code === undefined ? [] : [{ id, code }];
  });

let folder: string;
let ports: { receiver: number; local: number };
let database: TestDatabase;
const atTheEnd: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const project = await projectFolder();
  folder = project.path;
  atTheEnd.push(project.remove);
  database = await realDatabase();
  atTheEnd.push(database.drop);
  const receiver = await hooks();
  atTheEnd.push(receiver.close);
  ports = { receiver: receiver.port, local: await freePort() };
  const credentials = await folderCredentials(folder);
  const localUrl = `http://127.0.0.1:${ports.local}`;
  configured(database.url, { CLOUDINARY_URL: standInUrl(credentials, localUrl) });
  const url = `http://localhost:${ports.receiver}`;
  atTheEnd.push(await lockFolder(folder, { url, localUrl }));
  const standIns = { folder, port: ports.local, credentials, hookUrl: `${url}/webhooks` };
  atTheEnd.push(
    await startStandIns({
      ...standIns,
      cloudinary: true,
      mail: true,
      chat: true,
      origins: [],
      say: () => {},
    }),
  );
});
afterAll(async () => {
  for (const end of atTheEnd.reverse()) await end();
  vi.unstubAllEnvs();
});

/** The hook functions under the paths of the site; nobody works on what they record. */
function hooks(): Promise<Serving> {
  return serve({
    port: 0,
    host: "localhost",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith("/.netlify/")) return new Response(null, { status: 202 });
      const hook = { "/webhooks/upload": uploadHook, "/webhooks/eager": eagerHook }[pathname] ?? anyHook;
      return await invoke(hook, request, { deployContext: "" });
    },
  });
}

/** The one line that the page tells a person to type, in a shell. */
async function shellUrl(): Promise<string> {
  const [line] = /^eval .*$/m.exec(page) ?? [""];
  const { stdout } = await promisify(execFile)("sh", ["-c", `${line}\nprintf %s "$CLOUDINARY_URL"`], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "" },
  });
  return stdout;
}

async function idle(): Promise<void> {
  await vi.waitUntil(
    async () => {
      const status = await fetch(`http://127.0.0.1:${ports.local}/_control/status`);
      return (await status.text()).includes('"due":0');
    },
    { timeout: 60_000, interval: 50 },
  );
}

it("there is an example for every implemented flow", () => {
  expect(examples.map(({ id }) => id)).toEqual(Object.keys(recorded));
});

describe("the examples of docs/flows.md", () => {
  let url: string;
  beforeAll(async () => {
    url = await shellUrl();
  });

  it.each(examples)("$id runs, and its notifications are recorded", async ({ id, code }) => {
    const here = code.replaceAll("localhost:8888", `localhost:${ports.receiver}`);
    await writeFile(join(folder, "try.mjs"), here);
    const { rows: before } = await database.db.query<{ id: string }>("select id from notifications");
    const { code: exit, stdout, stderr } = await run(folder, ["try.mjs"], { CLOUDINARY_URL: url });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    await idle();
    const { rows } = await database.db.query<{ type: string }>(
      "select distinct type from notifications where id <> all ($1::uuid[]) order by type",
      [before.map((row) => row.id)],
    );
    expect(rows.map(({ type }) => type)).toEqual(recorded[id]);
    // What an example says in a comment behind an answer is what it answers.
    const promised = [...code.matchAll(/\/\/ ([245]\d\d)(?: ([\w-]+))?$/gm)];
    const lines = stdout.split("\n");
    for (const [at, [, status = "", reason = ""]] of promised.entries()) {
      expect(lines[at]).toMatch(new RegExp(`^${status} `));
      expect(lines[at]).toContain(reason);
    }
  });
});
