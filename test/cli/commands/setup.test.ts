import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Wanted } from "../../../src/cli/setup/plan.ts";
import { runSetup } from "../../../src/cli/setup/run.ts";
import type { CloudinaryAccount } from "../../../src/config.types.ts";
import {
  apiKey,
  apiSecret,
  cloudName,
  type LocalStack,
  localStack,
} from "../../local/support/local-stack.ts";
import { runWebhooks } from "../../support/command-line.ts";
import { projectFolder } from "../../support/project-folder.ts";
import { start } from "../../support/run.ts";

const site = "https://hooks.example.com";
const presetName = "track-with-webhook";
let stack: LocalStack;
let folder: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  stack = await localStack();
  ({ path: folder, remove } = await projectFolder());
});
beforeEach(() => {
  stack.cloudinary.faults.clear();
  stack.cloudinary.cloud.folderMode = "dynamic";
  stack.cloudinary.cloud.store.state.triggers = [];
  stack.cloudinary.cloud.store.state.presets = [];
});
afterAll(async () => {
  await stack.close();
  await remove();
});

interface Options extends Partial<Wanted["triggers"]> {
  preset?: Partial<NonNullable<Wanted["preset"]>> | null;
  remove?: boolean;
  dryRun?: boolean;
  account?: Partial<CloudinaryAccount>;
}

/** The command without its process, which takes longer to start than all else. */
async function setup({
  preset = {},
  remove = false,
  dryRun = false,
  account = {},
  ...triggers
}: Options = {}) {
  const said: string[] = [];
  const at = { site: triggers.site ?? site, movedFrom: triggers.movedFrom ?? null };
  const result = await runSetup({
    account: { cloudName, apiKey, apiSecret, uploadPrefix: stack.url, ...account },
    wanted: {
      triggers: { ...at, types: ["all"], additive: undefined, channel: null, ...triggers },
      preset: preset && { ...at, name: presetName, folder: undefined, moderation: undefined, ...preset },
      remove,
    },
    dryRun,
    say: (text) => said.push(text),
    confirm: async () => {},
  });
  return { ...result, text: said.join("\n") };
}

interface AccountTrigger {
  id: string;
  uri: string;
  uri_type: string;
  event_type: string;
  additive: boolean;
  auth_scheme: string;
}

/** What the account itself says, by its own API. */
async function triggers(): Promise<AccountTrigger[]> {
  const answer = await stack.rest("GET", "triggers");
  return ((await answer.json()) as { triggers: AccountTrigger[] }).triggers;
}
async function preset(name = presetName): Promise<unknown> {
  const answer = await stack.rest("GET", `upload_presets/${name}`);
  return answer.status === 404 ? null : await answer.json();
}
async function trigger(settings: object): Promise<void> {
  expect((await stack.rest("POST", "triggers", settings)).status).toBe(201);
}
const uris = async () => (await triggers()).map(({ event_type, uri }) => `${event_type} ${uri}`).sort();

describe("in an empty account", () => {
  it("shows the plan, creates trigger and preset, reads them back; the second run changes nothing", async () => {
    const first = await setup();
    expect(first.problem).toBeNull();
    expect(first.text).toMatch(
      /create {2}all {2}https:\/\/hooks\.example\.com\/webhooks {2}auth_scheme default {2}missing/,
    );
    expect(first.text).toContain("anybody who knows its name can upload");
    expect(first.text).toMatch(
      /Read back:[\s\S]*leave {2}all[\s\S]*leave {2}track-with-webhook {2}as it should be/,
    );
    expect(await triggers()).toMatchObject([
      {
        event_type: "all",
        uri: `${site}/webhooks`,
        uri_type: "webhook",
        auth_scheme: "default",
        additive: false,
      },
    ]);
    expect(await preset()).toMatchObject({
      unsigned: true,
      settings: {
        asset_folder: "visitors",
        moderation: "manual",
        notification_url: `${site}/webhooks/public`,
      },
    });
    const before = JSON.stringify(await triggers());
    expect(await setup()).toMatchObject({
      applied: null,
      text: expect.stringContaining("Nothing to change."),
    });
    expect(JSON.stringify(await triggers())).toBe(before);
  });

  it("with dryRun changes nothing", async () => {
    expect(await setup({ dryRun: true })).toMatchObject({ applied: null, plan: { steps: [{}, {}] } });
    expect(await triggers()).toEqual([]);
    expect(await preset()).toBeNull();
  });

  it("with fixed folders sets folder, and with types a hook for each type", async () => {
    stack.cloudinary.cloud.folderMode = "fixed";
    await setup({ types: ["upload", "info"], additive: true, preset: { folder: "guests" } });
    expect(await uris()).toEqual([`info ${site}/webhooks`, `upload ${site}/webhooks/upload`]);
    expect((await triggers()).map(({ additive }) => additive)).toEqual([true, true]);
    expect(await preset()).toMatchObject({ settings: { folder: "guests" } });
  });

  it("leaves presets alone if none is wanted", async () => {
    expect((await setup({ preset: null })).text).not.toContain("Upload preset");
    expect(await preset()).toBeNull();
  });
});

describe("in an account that is in use", () => {
  it("replaces what the receiver cannot verify, removes doubles, and touches nobody else's", async () => {
    await trigger({ event_type: "all", uri: `${site}/webhooks`, auth_scheme: "eddsa_v2", additive: true });
    await trigger({ event_type: "upload", uri: `${site}/webhooks/upload` });
    await trigger({ event_type: "all", uri: `${site}/webhooks/public` });
    await trigger({ event_type: "all", uri: "https://other.example.com/webhooks", auth_scheme: "eddsa_v2" });
    await trigger({ event_type: "delete", uri: "poll://orders", uri_type: "poll" });
    const { text, problem } = await setup();
    expect(problem).toBeNull();
    expect(text).toContain("auth_scheme eddsa_v2 sends no signature that the receiver can verify");
    expect(text).toContain("2 of other receivers or kinds, which stay as they are");
    expect(await uris()).toEqual([
      `all ${site}/webhooks`,
      `all ${site}/webhooks/public`,
      "all https://other.example.com/webhooks",
      "delete poll://orders",
    ]);
    const [made] = (await triggers()).filter(({ uri }) => uri === `${site}/webhooks`);
    expect(made).toMatchObject({ auth_scheme: "default", additive: true });
  });

  it("leaves a trigger that works: legacy_hmac, a slash at the end, the type's own hook", async () => {
    await trigger({ event_type: "upload", uri: `${site}/webhooks/`, auth_scheme: "legacy_hmac" });
    await trigger({ event_type: "delete", uri: `${site}/webhooks/delete` });
    const before = JSON.stringify(await triggers());
    const { text } = await setup({ types: ["upload", "delete"], preset: null });
    expect(text).toContain("Nothing to change.");
    expect(JSON.stringify(await triggers())).toBe(before);
  });

  it("updates one that points at no hook, and follows the receiver to a new address", async () => {
    await trigger({ event_type: "all", uri: `${site}/webhook` });
    const [{ id } = { id: "" }] = await triggers();
    await setup();
    expect(await triggers()).toMatchObject([{ id, uri: `${site}/webhooks` }]);

    const moved = await setup({ site: "https://new.example.com", movedFrom: site });
    expect(moved.text).toContain("points at an earlier address");
    expect(await triggers()).toMatchObject([{ id, uri: "https://new.example.com/webhooks" }]);
    expect(await preset()).toMatchObject({
      settings: { notification_url: "https://new.example.com/webhooks/public" },
    });
  });

  it("keeps what a team changed in the preset, and leaves somebody else's preset alone", async () => {
    await setup();
    await stack.rest("PUT", `upload_presets/${presetName}`, {
      asset_folder: "guests",
      notification_url: `${site}/webhooks`,
    });
    await setup();
    expect(await preset()).toMatchObject({
      settings: {
        asset_folder: "guests",
        moderation: "manual",
        notification_url: `${site}/webhooks/public`,
      },
    });
    await stack.rest("POST", "upload_presets", { name: "theirs", unsigned: true, folder: "x" });
    expect((await setup({ preset: { name: "theirs" } })).text).toContain("belongs to something else");
    expect(await preset("theirs")).toMatchObject({ settings: { folder: "x" } });
  });

  it("removes what points at this receiver, and nothing else", async () => {
    await setup();
    await trigger({ event_type: "all", uri: "https://other.example.com/webhooks" });
    expect((await setup({ remove: true })).problem).toBeNull();
    expect(await uris()).toEqual(["all https://other.example.com/webhooks"]);
    expect(await preset()).toBeNull();
    expect((await setup({ remove: true })).text).toContain("Nothing to change.");
  });

  it("has a trigger for polling if the settings name a channel", async () => {
    const channel = "shop/live";
    await setup({ channel });
    expect(await uris()).toEqual([`all ${site}/webhooks`, "all poll://shop/live"]);
    expect((await setup({ channel })).text).toContain("Nothing to change.");
    // A private site has no address that Cloudinary could reach.
    await setup({ channel, types: [], preset: null });
    expect(await uris()).toEqual(["all poll://shop/live"]);
    await setup({ channel, remove: true });
    expect(await uris()).toEqual([]);
  });
});

describe("when Cloudinary refuses", () => {
  it.each([
    [401, "The key, the secret or the cloud name in CLOUDINARY_URL is wrong."],
    [403, "lacks the permission, or the feature is not available"],
    [404, "not available in this account, or upload_prefix"],
    [500, "Try again later."],
  ])("%i: it says why, and that nothing was changed", async (status, words) => {
    stack.cloudinary.faults.add({ kind: "status", status, match: "GET /v1_1/local-test/triggers" });
    const error = await setup().catch((thrown) => thrown);
    expect(error.message).toMatch(/^Nothing was changed\. list triggers: /);
    expect(error.message).toContain(words);
    expect(await triggers()).toEqual([]);
  });

  it("a wrong secret or cloud name is named", async () => {
    for (const account of [{ apiSecret: "another-secret-of-27-chars-" }, { cloudName: "nobody" }])
      await expect(setup({ account })).rejects.toThrow(
        "The key, the secret or the cloud name in CLOUDINARY_URL is wrong.",
      );
  });

  it("30 URLs of one type: it says so before anything is changed", async () => {
    for (let n = 0; n < 30; n += 1)
      await trigger({ event_type: "all", uri: `https://other.example.com/${n}` });
    expect((await setup()).problem).toContain(
      "Nothing was changed. Event type all has 30 notification URLs, and Cloudinary allows 30.",
    );
    expect(await preset()).toBeNull();
    // A trigger of the receiver that is to be replaced makes room.
    const [first] = await triggers();
    await stack.rest("PUT", `triggers/${first?.id}`, { new_uri: `${site}/webhook` });
    expect(await setup({ additive: true })).toMatchObject({ problem: null, applied: { notDone: [] } });
  });

  it("30 URLs that somebody else filled meanwhile: Cloudinary's own words", async () => {
    const body = "Limit of 30 notification URLs reached";
    stack.cloudinary.faults.add({
      kind: "status",
      status: 400,
      body,
      match: "POST /v1_1/local-test/triggers",
    });
    expect((await setup()).problem).toMatch(
      /create trigger: Limit of 30 notification URLs reached\.\nNot done:/,
    );
  });

  it.each([
    [
      {
        kind: "status",
        status: 420,
        headers: { "X-FeatureRateLimit-Reset": "Thu, 26 Nov 2099 10:00:00 GMT" },
      },
      "Try again after 2099-11-26T10:00:00.000Z",
      "Not done:",
    ],
    [{ kind: "status", status: 429, headers: { "Retry-After": "30" } }, "Try again after 20", "Not done:"],
    [{ kind: "status", status: 403 }, "lacks the permission", "Not done:"],
    [{ kind: "reset", when: "after-body" }, "Check the network connection", "Not known whether done:"],
    [{ kind: "reset", when: "after-work" }, "Check the network connection", "Not known whether done:"],
  ] as const)(
    "half way by %j: it names what is done and what is not, and a second run does the rest",
    async (fault, words, state) => {
      await trigger({ event_type: "all", uri: `${site}/webhooks`, auth_scheme: "eddsa_v2" });
      stack.cloudinary.faults.add({ ...fault, match: "POST /v1_1/local-test/triggers" });
      const { problem } = await setup();
      expect(problem).toContain(words);
      const parts = /\n(.*:\n.*)\n(Done:\n.*)\n(Not done:\n.*)\nRun the same command again/.exec(
        problem ?? "",
      );
      const [, middle = "", done = "", rest = ""] = parts ?? [];
      expect(middle).toContain(`${state}\n  create trigger all ${site}/webhooks`);
      expect(done).toContain(`remove trigger all ${site}/webhooks auth_scheme eddsa_v2`);
      expect(rest).toContain("create upload preset track-with-webhook");

      expect((await setup()).problem).toBeNull();
      expect(await triggers()).toMatchObject([{ uri: `${site}/webhooks`, auth_scheme: "default" }]);
      expect(await preset()).not.toBeNull();
      expect((await setup()).text).toContain("Nothing to change.");
    },
  );

  it("while it reads back: the changes stand, and it says that they are not checked", async () => {
    const match = "GET /v1_1/local-test/triggers";
    stack.cloudinary.faults.add({ kind: "delay", delayMs: 0, match });
    stack.cloudinary.faults.add({ kind: "reset", match });
    expect((await setup()).problem).toContain("Every change was applied, but could not be read back.");
    expect(await triggers()).toHaveLength(1);
  });
});

describe("the command", () => {
  const urlOf = (secret = apiSecret) =>
    `cloudinary://${apiKey}:${secret}@${cloudName}?upload_prefix=${encodeURIComponent(stack.url)}`;
  const webhooks = (args: readonly string[], env: Record<string, string> = {}) =>
    runWebhooks(folder, ["setup", ...args], { CLOUDINARY_URL: urlOf(), ...env });

  it("without a terminal needs --yes, also with --json", async () => {
    const both = await Promise.all([[], ["--json"]].map((more) => webhooks(["--url", site, ...more])));
    for (const { code, stderr } of both) {
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error: .*needs --yes, or --dry-run\. Nothing was changed/);
    }
    expect(await triggers()).toEqual([]);
  });

  it("takes the address from URL, and with --json says everything", async () => {
    const { code, stdout } = await webhooks(["--yes", "--json"], { URL: `${site}/` });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      cloud: cloudName,
      receiver: site,
      steps: [
        { kind: "trigger", action: "create", trigger: { eventType: "all", uri: `${site}/webhooks` } },
        { kind: "preset", action: "create", name: presetName },
      ],
      applied: { failed: null, notDone: [] },
      now: { steps: [], left: [{ trigger: { uri: `${site}/webhooks` } }] },
      problem: null,
    });
  });

  it("names a wrong secret without printing it, and a receiver that Cloudinary cannot reach", async () => {
    const real = `cloudinary://${apiKey}:${apiSecret}@demo`;
    const cases = [
      webhooks(["--url", site], { CLOUDINARY_URL: urlOf("another-secret-of-27-chars-") }),
      webhooks(["--url", "http://localhost:8888"], { CLOUDINARY_URL: real }),
      webhooks(["--url", "http://hooks.example.com"], { CLOUDINARY_URL: real }),
      webhooks(["--url", `${site}/webhooks`]),
      webhooks([]),
      webhooks(["--url", site], { CLOUDINARY_URL: "" }),
      webhooks(["--url", site, "--poll-only"]),
    ];
    const ended = await Promise.all(cases);
    expect(ended.map(({ code }) => code)).toEqual([1, 2, 2, 2, 2, 2, 2]);
    const [secret, local, plain, path, none, unset, unnamed] = ended.map(({ stderr }) => stderr);
    expect(secret).toContain("The key, the secret or the cloud name in CLOUDINARY_URL is wrong.");
    expect(secret).not.toContain("another-secret");
    expect(local).toContain("use `webhooks listen`");
    expect(plain).toContain("must begin with https://");
    expect(path).toContain("without a path");
    expect(none).toContain("--url is required");
    expect(unset).toContain("CLOUDINARY_URL is not set");
    expect(unnamed).toContain("--poll-only needs a channel");
  });

  it("killed half way is completed by the next run", async () => {
    stack.cloudinary.faults.add({ kind: "hang", match: "POST /v1_1/local-test/upload_presets" });
    const args = ["src/cli/main.ts", "setup", "--url", site, "--yes"];
    const { child, says, ended } = start(folder, args, { CLOUDINARY_URL: urlOf() });
    await says("done: create trigger", 60_000);
    child.kill("SIGKILL");
    await ended;
    stack.cloudinary.faults.clear(); // It may not have come to that call.
    expect((await setup()).problem).toBeNull();
    expect(await uris()).toEqual([`all ${site}/webhooks`]);
    expect(await preset()).not.toBeNull();
  });

  const script = "/usr/bin/script";
  it.skipIf(!existsSync(script))("on a terminal asks", async () => {
    const answered = async (answer: string) => {
      const command = `"${process.execPath}" src/cli/main.ts setup --url ${site}`;
      const child = spawn(script, ["-qec", command, "/dev/null"], {
        cwd: folder,
        env: { PATH: process.env.PATH ?? "", CLOUDINARY_URL: urlOf() },
      });
      let output = "";
      child.stdout.on("data", (chunk) => {
        output += chunk;
        if (output.includes("[y/N]") && child.stdin.writable) child.stdin.end(`${answer}\n`);
      });
      const code = await new Promise((resolve) => child.once("close", resolve));
      return { code, asked: output.includes("Apply 2 changes? [y/N]") };
    };
    expect(await answered("n")).toEqual({ code: 1, asked: true });
    expect(await triggers()).toEqual([]);
    expect(await answered("y")).toEqual({ code: 0, asked: true });
    expect(await triggers()).toHaveLength(1);
  });
});
