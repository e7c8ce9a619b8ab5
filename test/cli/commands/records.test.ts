import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eagerBody } from "../../handlers/email/bodies.ts";
import { uploadBody } from "../../support/bodies.ts";
import { freePort } from "../../support/free-port.ts";
import { commandSite, given } from "../command-site.ts";

let site: Awaited<ReturnType<typeof commandSite>>;
beforeAll(async () => {
  site = await commandSite();
});
afterAll(() => site.close());
afterEach(() => site.sendgrid.faults.clear());

/** Sends a body; the id that it is recorded under. */
async function sent(body: object | Uint8Array): Promise<string> {
  const bytes = body instanceof Uint8Array ? body : JSON.stringify(body);
  const { stdout, stderr } = await site.webhooks(["send", "-", "--json"], given(), bytes);
  if (stderr !== "") throw new Error(stderr);
  return JSON.parse(stdout).notifications[0].record.id;
}

const mails = () => site.sendgrid.mailbox.list().length;

describe("list", () => {
  it("shows the newest first, page by page, in columns", async () => {
    const ids: string[] = [];
    for (const name of ["one", "two", "three"])
      ids.unshift(await sent(uploadBody({ public_id: `page/${name}` })));
    const first = await site.webhooks(["list", "--public-id", "page/", "--limit", "2"]);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    const [head, ...lines] = first.stdout.trimEnd().split("\n");
    expect(head).toMatch(/^id +received \(UTC\) +type +public id +deliveries$/);
    expect(lines[0]).toMatch(
      new RegExp(
        `^${ids[0]}  20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d  upload  page/three  moderation skipped, pim done$`,
      ),
    );
    expect(lines[1]).toContain(`${ids[1]}  `);
    const [, cursor = ""] = /^Older ones: --before (\S+)$/m.exec(first.stdout) ?? [];
    const second = await site.webhooks(["list", "--public-id", "page/", "--limit", "2", "--before", cursor]);
    expect(second.stdout).toContain(`${ids[2]}  `);
    expect(second.stdout).not.toContain("Older ones");
  });

  it("searches by each filter of the API, and says when nothing fits", async () => {
    const body = uploadBody({ public_id: "search/me" });
    const id = await sent(body);
    await sent(uploadBody({ public_id: "search/another" }));
    for (const filter of [
      ["--asset-id", body.asset_id],
      ["--request-id", body.request_id],
      ["--public-id", "search/m"],
      ["--public-id", "search/me", "--type", "upload", "--state", "done", "--handler", "pim"],
      ["--public-id", "search/me", "--since", "2026-01-31T12:00:00Z"],
    ]) {
      const { stdout } = await site.webhooks(["list", "--json", ...filter]);
      expect(
        JSON.parse(stdout).notifications.map((one: { id: string }) => one.id),
        filter.join(" "),
      ).toEqual([id]);
    }
    const { code, stdout } = await site.webhooks(["list", "--until", "2026-01-31T12:00:00Z"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "No notification fits.\n" });
  });

  it("X7 writes out what would move a terminal's cursor or turn its text", async () => {
    await sent(uploadBody({ public_id: "esc/\u001b[2J\u202egnp.exe" }));
    const { stdout } = await site.webhooks(["list", "--public-id", "esc/"]);
    expect(stdout).toContain("esc/\\u{1b}[2J\\u{202e}gnp.exe");
    expect(stdout).not.toContain("\u001b");
  });

  it.each([
    [["--limit", "900"], 1, /400 invalid-request: limit: /],
    [["--state", "lost"], 1, /400 invalid-request: state: /],
    [["upload"], 2, /"upload" is no filter/],
  ])("%s is not understood", async (args, expected, said) => {
    const { code, stderr } = await site.webhooks(["list", ...args]);
    expect(code).toBe(expected);
    expect(stderr).toMatch(said);
  });
});

describe("show", () => {
  it("says what came and what became of it", async () => {
    const body = uploadBody({ public_id: "products/SHOW-1/main" });
    const id = await sent(body);
    const { code, stdout } = await site.webhooks(["show", id]);
    expect(code).toBe(0);
    for (const line of [
      new RegExp(`^notification +${id}$`, "m"),
      /^public id +products\/SHOW-1\/main$/m,
      new RegExp(`^asset id +${body.asset_id}$`, "m"),
      /^verified by +CLOUDINARY_URL, sha1, \d+ s old$/m,
      /^pim {2}done +\{.*SHOW-1/m,
      /^ {2}attempt 1 +20\S+ +done$/m,
    ])
      expect(stdout).toMatch(line);
    const json = JSON.parse((await site.webhooks(["show", id, "--json"])).stdout);
    expect(json).toMatchObject({ id, body: { encoding: "text", content: JSON.stringify(body) } });
  });

  it("gives the exact bytes back, to send them again", async () => {
    const bytes = Uint8Array.of(0xff, 0x7b, 0, 0x0a);
    const id = await sent(bytes);
    const { stdoutBytes } = await site.webhooks(["show", id, "--body"]);
    expect(stdoutBytes).toEqual(Buffer.from(bytes));
  });

  it("says that there is none, or that the id is none", async () => {
    const none = await site.webhooks(["show", "00000000-0000-4000-8000-000000000000"]);
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("There is no notification with this id"),
    });
    expect(await site.webhooks(["show", "VASE-1"])).toMatchObject(none);
  });
});

describe("replay", () => {
  it("P7 makes due what failed, leaves alone what is done, and writes down who and why", async () => {
    site.sendgrid.faults.add({ kind: "status", status: 401, times: 1 });
    const id = await sent(eagerBody());
    const before = mails();
    expect((await site.webhooks(["show", id])).stdout).toMatch(/^email {2}dead after 1 attempt: .*401/m);
    const { code, stdout } = await site.webhooks([
      "replay",
      id,
      "--handler",
      "email",
      "--reason",
      "a key was set",
    ]);
    expect({ code, first: stdout.split("\n")[0] }).toEqual({ code: 0, first: "Replayed: 1" });
    expect(stdout).toMatch(/email +done/);
    expect(mails() - before).toBe(1);
    const { rows } = await site.database.db.query(
      "select who, act, handler, reason from operator_acts where notification_id = $1",
      [id],
    );
    expect(rows).toEqual([{ who: "ada", act: "replay", handler: "email", reason: "a key was set" }]);
  });

  it("E4 mails nobody again who has the mail, unless told to start over", async () => {
    const id = await sent(eagerBody());
    const before = mails();
    await site.webhooks(["replay", id, "--reason", "to be sure"]);
    expect(mails() - before).toBe(0);
    const { code } = await site.webhooks([
      "replay",
      id,
      "--handler",
      "email",
      "--reason",
      "it was lost",
      "--start-over",
    ]);
    expect(code).toBe(0);
    expect(mails() - before).toBe(1);
  });

  it("ends with 1 when it fails again", async () => {
    const id = await sent(eagerBody());
    site.sendgrid.faults.add({ kind: "status", status: 401, times: 1 });
    const { code, stdout } = await site.webhooks(["replay", id, "--reason", "it was lost", "--start-over"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/email +dead after .*401/);
  });

  it("does nothing without a reason, or for a handler that has no delivery", async () => {
    const id = await sent(eagerBody());
    const silent = await site.webhooks(["replay", id]);
    expect(silent).toMatchObject({ code: 2, stderr: expect.stringContaining("Say why, by --reason") });
    const short = await site.webhooks(["replay", id, "--reason", "x"]);
    expect(short).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("must have at least 3 characters"),
    });
    const other = await site.webhooks(["replay", id, "--handler", "faces", "--reason", "names are missing"]);
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/faces/);
  });
});

describe("without what reading takes", () => {
  it("a token of another receiver, or none", async () => {
    const wrong = await site.webhooks(
      ["list"],
      given({ OPERATOR_TOKEN: "9f1e9d7c4b5a60828796a5b4c3d2e1f0" }),
    );
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringMatching(/401 .*set OPERATOR_TOKEN here/) });
    const { OPERATOR_TOKEN: _, ...none } = given();
    expect(await site.webhooks(["list"], none)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/401 .*set OPERATOR_TOKEN to/),
    });
  });

  it("a receiver that does not answer", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, stderr } = await site.webhooks(["list", "--url", url]);
    expect(code).toBe(1);
    expect(stderr).toContain(`Nothing answers at ${url}`);
  });
});
