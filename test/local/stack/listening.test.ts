import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { channelOf } from "../../../src/cli/listen/channel.ts";
import { nudgeHeaders } from "../../../src/lib/deliveries/nudge.ts";
import { builtPage } from "../../support/browser.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { type DevStack, devStack, interrupt, withoutSchedules } from "../../support/dev-stack.ts";
import { freePort } from "../../support/free-port.ts";
import { projectFolder, withPage } from "../../support/project-folder.ts";
import { run } from "../../support/run.ts";
import { apiKey, apiSecret, cloudName, type LocalStack, localStack } from "../support/local-stack.ts";
import { plain } from "../support/pixels.ts";

/** An account of the user's own, as far as `npm start` can tell: it is set in `.env`. */
let account: LocalStack;
/** The user's own too, beside which the embedded one is not started. */
let database: TestDatabase;
let folder: string;
let remove: () => Promise<void>;
let ports: { port: number; localPort: number };
let picture: Buffer;
let stack: DevStack | undefined;

beforeAll(async () => {
  database = await realDatabase();
  account = await localStack({ delayMs: 20, retryDelaysMs: [500, 500, 500] });
  picture = await plain(4, 4, "red");
  ({ path: folder, remove } = await projectFolder(["src", "netlify"]));
  ports = { port: await freePort(), localPort: await freePort() };
  const file = join(folder, "src/settings.ts");
  await writeFile(file, (await readFile(file, "utf8")).replace("channel: null", 'channel: "shop/live"'));
  await withoutSchedules(folder);
  await withPage(folder, await builtPage());
  const url = `cloudinary://${apiKey}:${apiSecret}@${cloudName}?upload_prefix=${encodeURIComponent(account.url)}`;
  await writeFile(join(folder, ".env"), `CLOUDINARY_URL=${url}\nDATABASE_URL=${database.url}\n`);
});
afterAll(async () => {
  stack?.child.kill("SIGKILL");
  await stack?.ended;
  await account.close();
  await remove();
  await database.drop();
});

const webhooks = (...args: string[]) => run(folder, ["src/cli/main.ts", ...args]);
const uris = () => account.cloudinary.cloud.store.state.triggers.map(({ uri }) => uri).sort();
const kept = () => account.cloudinary.cloud.store.state.messages.length;

async function rows(publicId: string) {
  const statement = "select type, times_seen from notifications where public_id = $1";
  return (await database.db.query<{ type: string; times_seen: number }>(statement, [publicId])).rows;
}
async function eventually<T>(read: () => Promise<T> | T, expected: T): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(200))
    if (JSON.stringify(await read()) === JSON.stringify(expected)) return;
  expect(await read()).toEqual(expected);
}

describe("npm start with an account of the user's own", { timeout: 240_000 }, () => {
  it("fetches its notifications, beside a trigger that setup made and a channel that the sweep empties", async () => {
    stack = await devStack(folder, ports);
    expect(existsSync(join(folder, ".netlify/db")), "the embedded database is not started").toBe(false);
    expect(stack.output()).toContain("console page unchanged");
    const poll = `poll://${channelOf(hostname(), folder)}`;
    expect(stack.output()).toContain(`its notifications are fetched from ${poll}`);
    await stack.says(`Listening on ${poll} for ${stack.url}`, 60_000);
    await account.upload(picture, { public_id: "by-start" });
    await stack.says(/upload {2}by-start {2}recorded as/, 60_000);
    expect(await rows("by-start")).toEqual([{ type: "upload", times_seen: 1 }]);
    await eventually(kept, 0);
    expect(uris()).toEqual([poll]);
    const second = await webhooks("listen");
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining("already listens") });

    const setup = await webhooks("setup", "--yes");
    expect({ code: setup.code, stderr: setup.stderr }).toEqual({ code: 0, stderr: "" });
    expect(uris()).toEqual([`${stack.url}/webhooks`, "poll://shop/live", poll]);
    await account.upload(picture, { public_id: "three-ways" });
    // By the webhook and by npm start; the third one waits for the sweep.
    await eventually(() => rows("three-ways"), [{ type: "upload", times_seen: 2 }]);
    await eventually(kept, 1);
    const secret = { name: "CLOUDINARY_URL", value: apiSecret, expiresAt: null, cloud: cloudName };
    const sweep = `${stack.url}/.netlify/functions/sweep`;
    const swept = await fetch(sweep, { method: "POST", headers: nudgeHeaders([secret]) ?? {} });
    expect(swept.status).toBe(200);
    expect(await rows("three-ways")).toEqual([{ type: "upload", times_seen: 3 }]);
    expect(kept()).toBe(0);

    const { code, stdout } = await interrupt(stack);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("the trigger is removed") });
    expect(uris()).toEqual([`${stack.url}/webhooks`, "poll://shop/live"]);
  });
});
