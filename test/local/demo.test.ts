import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { builtPage } from "../support/browser.ts";
import { type DevStack, devStack, interrupt, processesIn } from "../support/dev-stack.ts";
import { freePort } from "../support/free-port.ts";
import { projectFolder, withPage } from "../support/project-folder.ts";
import { type Ran, run, start } from "../support/run.ts";

const demo = (...args: string[]) => ["src/local/demo/main.ts", ...args];
/** Every flow, under `netlify dev`, on a machine that does much else. */
const slow = { timeout: 600_000 };

let folder: string;
let remove: () => Promise<void>;
let ports: { port: number; localPort: number };
const environment = () => ({ PORT: String(ports.port), LOCAL_PORT: String(ports.localPort) });

async function newFolder(): Promise<void> {
  ({ path: folder, remove } = await projectFolder(["src", "netlify"]));
  ports = { port: await freePort(), localPort: await freePort() };
}

describe("runs and starts nothing,", () => {
  beforeEach(newFolder);
  afterEach(async () => {
    expect(existsSync(join(folder, ".local"))).toBe(false);
    await remove();
  });

  it("for an unknown flow or option", async () => {
    const unknown = await run(folder, demo("--flow", "F14"));
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('Unknown flow "F14"') });
    const typo = await run(folder, demo("--flwo", "F1"));
    expect(typo).toMatchObject({ code: 2, stderr: expect.stringMatching(/--flwo[\s\S]*npm run demo/) });
  });

  it("with credentials of a real account", async () => {
    const CLOUDINARY_URL = "cloudinary://123456789012345:aB3dE5fG7hI9jK1lM3nO5pQ7rS9@shop";
    const { code, stderr } = await run(folder, demo(), { CLOUDINARY_URL, SENDGRID_API_KEY: "SG.key" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: CLOUDINARY_URL and SENDGRID_API_KEY are set/);
    expect(stderr).not.toContain("aB3dE5fG7hI9jK1lM3nO5pQ7rS9");
  });

  it("when --shell is used and no stack is running", async () => {
    const { code, stderr } = await run(folder, demo("--shell"));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "error: No stack is running in this folder. Start one with `npm start`.\n",
    });
  });
});

interface Report {
  ok: boolean;
  run: string;
  leftBehind: string | null;
  views: { name: string; url: string }[];
  flows: {
    id: string;
    outcome: string;
    problem: string | null;
    sent: string[];
    arrived: { type: string; id: string }[];
    done: string[];
  }[];
}

describe("every flow", () => {
  let stack: DevStack | null = null;
  const preset = "track-with-webhook";
  /** The pages that the first run named. */
  let left: Report["views"] = [];
  beforeAll(async () => {
    await newFolder();
    await withPage(folder, await builtPage());
  });
  afterAll(async () => {
    if (stack) await interrupt(stack);
    await remove();
  });

  /** On a slow disk, the emulator answers before its state is written. */
  const onDisk = { timeout: 60_000, interval: 200 };

  /** What the local cloud has, as it stands on the disk. */
  async function inTheCloud() {
    const { assets, presets, triggers } = JSON.parse(
      await readFile(join(folder, ".local/cloudinary/state.json"), "utf8"),
    );
    return { assets, presets, triggers };
  }

  /** A call of the Admin API. */
  async function admin(
    { localUrl, credentials: { apiKey, apiSecret, cloudName } }: DevStack,
    [method, path]: readonly [string, string],
    body?: object,
  ): Promise<unknown> {
    const answer = await fetch(`${localUrl}/v1_1/${cloudName}/${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString("base64")}`,
        "content-type": "application/json",
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(answer.status).toBe(200);
    return await answer.json();
  }

  /** The same once all that happened is on the disk: the state is written whole, so this change of the preset comes last. */
  async function allInTheCloud(stack: DevStack) {
    const notification_url = `http://localhost:9/${crypto.randomUUID()}`;
    await admin(stack, ["PUT", `upload_presets/${preset}`], { notification_url });
    await expect
      .poll(inTheCloud, onDisk)
      .toMatchObject({ presets: [{ name: preset, settings: { notification_url } }] });
    return await inTheCloud();
  }

  function expectAllPlayed({ code, stdout, stderr }: Ran): Report {
    const report: Report = JSON.parse(stdout);
    expect(report.flows.filter(({ outcome }) => outcome === "fail")).toEqual([]);
    expect({ code, ok: report.ok, leftBehind: report.leftBehind }, stack?.output()).toEqual({
      code: 0,
      ok: true,
      leftBehind: null,
    });
    expect(report.flows.map(({ id }) => id)).toEqual(Array.from({ length: 13 }, (_, at) => `F${at + 1}`));
    expect(report.flows.filter(({ outcome }) => outcome !== "pass")).toEqual([]);
    for (const { id, sent, arrived, done } of report.flows.filter(({ outcome }) => outcome === "pass")) {
      expect([id, sent.length > 0, arrived.length > 0, done.length > 0]).toEqual([id, true, true, true]);
      expect(stderr).toContain(`${id.padEnd(4)}passed`);
    }
    return report;
  }

  it("runs on its own stack, which is stopped afterwards, and leaves what it made", slow, async () => {
    // Two flows: all of them are played on the stack of the next test.
    const ran = await run(folder, demo("--json", "--flow", "F6", "--flow", "F8"), environment());
    const { run: name, views, ...report }: Report = JSON.parse(ran.stdout);
    expect({ code: ran.code, ...report }).toMatchObject({
      code: 0,
      ok: true,
      leftBehind: null,
      flows: [
        { id: "F6", outcome: "pass", problem: null },
        { id: "F8", outcome: "pass", problem: null },
      ],
    });
    expect(ran.stderr).toContain("Starting the local stack");
    await expect.poll(() => processesIn(folder), { timeout: 60_000 }).toEqual([]);
    expect(existsSync(join(folder, ".local/stack.json"))).toBe(false);
    const { assets, presets } = await inTheCloud();
    const ids = assets.map(({ public_id }: { public_id: string }) => public_id);
    expect(ids).toEqual(expect.arrayContaining([`demo/${name}/f6/vase`, `demo/${name}/f8/waiting`]));
    expect(presets).toMatchObject([{ name: preset }]);
    expect(views.map((view) => view.name)).toEqual(["Product", "Moderation", "Chats"]);
    left = views;
  });

  it(
    "passes again on a stack that runs, holds the data of a run before and goes on running; --tidy leaves it as it was",
    slow,
    async () => {
      stack = await devStack(folder, ports);
      for (const { name, url } of left) expect([name, (await fetch(url)).status]).toEqual([name, 200]);
      const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
      const form = new FormData();
      form.set("file", new File([svg], "mine.svg", { type: "image/svg+xml" }));
      form.set("public_id", "demo/mine");
      const uploaded = await fetch(`${stack.localUrl}/library/upload`, {
        method: "POST",
        headers: { origin: stack.localUrl },
        body: form,
        redirect: "manual",
      });
      expect(uploaded.status).toBe(303);
      const before = await allInTheCloud(stack);
      expect(before.assets).toContainEqual(expect.objectContaining({ public_id: "demo/mine" }));

      const { run: name, views } = expectAllPlayed(await run(folder, demo("--json", "--tidy")));
      expect(views).toEqual([]);
      await expect.poll(inTheCloud, onDisk).toEqual(before);
      const record = await fetch(`${stack.url}/api/notifications?publicId=demo/${name}/f1/koi`, {
        headers: { authorization: `Bearer ${stack.credentials.operatorToken}` },
      });
      expect(await record.json()).toMatchObject({ notifications: [{ type: "delete" }, { type: "upload" }] });
    },
  );

  it("that fails is reported, with the expected and actual result", slow, async () => {
    if (stack === null) throw new Error("the stack of the test before is not there");
    const faults = `${stack.localUrl}/_control/faults`;
    await fetch(faults, {
      method: "POST",
      headers: { "content-type": "application/json" },
      // For a time, not for one mail: a digest of the runs before may be sent first.
      body: JSON.stringify({ service: "sendgrid", kind: "status", status: 503, forMs: 120_000 }),
    });
    const { code, stdout } = await run(folder, demo("--flow", "F9"));
    await fetch(faults, { method: "DELETE" });
    expect(code, stdout).toBe(1);
    expect(stdout).toMatch(/^F9 .*FAIL$/m);
    expect(stdout).toMatch(
      /^F9 failed\. the deliveries of the eager of demo\/\w+\/f9\/clip: expected 'done', saw .*email is tried again later/m,
    );
    expect(stdout).toContain("0 passed, 1 failed");
  });

  it("stopped by Ctrl-C removes what it created", slow, async () => {
    if (stack === null) throw new Error("the stack of the tests before is not there");
    const before = await allInTheCloud(stack);
    const playing = start(folder, demo("--flow", "F8"));
    await playing.says("F8  sent:", 120_000);
    const { total_count } = Object(await admin(stack, ["POST", "resources/search"], {}));
    playing.child.kill("SIGINT");
    expect((await playing.ended).code).toBe(130);
    expect(total_count).toBeGreaterThan(before.assets.length);
    await expect.poll(inTheCloud, onDisk).toEqual(before);
  });

  it("creates a global trigger for the run if it was removed", slow, async () => {
    if (stack === null) throw new Error("the stack of the tests before is not there");
    await admin(stack, ["DELETE", "triggers/npm-start"]);
    await expect.poll(inTheCloud, onDisk).toMatchObject({ triggers: [] });
    const before = await inTheCloud();
    const { code, stdout } = await run(folder, demo("--flow", "f1", "--tidy"));
    expect(code, stdout).toBe(0);
    await expect.poll(inTheCloud, onDisk).toEqual(before);
  });
});
