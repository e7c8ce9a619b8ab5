import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eagerBody } from "../../handlers/email/bodies.ts";
import { uploadBody } from "../../support/bodies.ts";
import { freePort } from "../../support/free-port.ts";
import { start } from "../../support/run.ts";
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

// Each test starts up to eight processes.
describe("list", { timeout: 90_000 }, () => {
  it("shows the newest notifications first, in columns and pages", async () => {
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
    const [, cursor = ""] = /^Next page: --before (\S+)$/m.exec(first.stdout) ?? [];
    const second = await site.webhooks(["list", "--public-id", "page/", "--limit", "2", "--before", cursor]);
    expect(second.stdout).toContain(`${ids[2]}  `);
    expect(second.stdout).not.toContain("Next page");
  });

  it("takes relative times, and --follow prints what arrives", async () => {
    const id = await sent(uploadBody({ public_id: "follow/before" }));
    const recent = await site.webhooks(["list", "--public-id", "follow/", "--since", "1h", "--json"]);
    expect(JSON.parse(recent.stdout).notifications).toMatchObject([{ id }]);
    const wrong = await site.webhooks(["list", "--since", "yesterday"]);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("such as 30m, 1h or 7d") });
    const following = start(
      site.folder,
      ["src/cli/main.ts", "list", "--follow", "--since", "1h", "--public-id", "follow/", "--url", site.url],
      given(),
    );
    await following.says(id, 60_000);
    const next = await sent(uploadBody({ public_id: "follow/after" }));
    await following.says(next, 60_000);
    following.child.kill("SIGINT");
    const { stdout } = await following.ended;
    expect(stdout.split(id)).toHaveLength(2);

    const shown = await site.webhooks(["show", next, "--follow", "--json"]);
    expect(shown.code).toBe(0);
    expect(JSON.parse(shown.stdout)).toMatchObject({ id: next });
  });

  it("has every filter of the API, and reports when there are no results", async () => {
    const body = uploadBody({ public_id: "search/me" });
    const id = await sent(body);
    await sent(uploadBody({ public_id: "search/another" }));
    for (const filter of [
      ["--asset-id", body.asset_id],
      ["--request-id", body.request_id],
      ["--public-id", "search/m"],
      ["--public-id", "search/me", "--type", "upload", "--state", "done", "--handler", "pim"],
      ["--public-id", "search/me", "--since", "2026-01-31T12:00:00Z"],
      [body.asset_id, "since:1h", "type:upload"],
    ]) {
      const { stdout } = await site.webhooks(["list", "--json", ...filter]);
      expect(
        JSON.parse(stdout).notifications.map((one: { id: string }) => one.id),
        filter.join(" "),
      ).toEqual([id]);
    }
    const { code, stdout } = await site.webhooks(["list", "--until", "2026-01-31T12:00:00Z"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "No results.\n" });
  });

  it("escapes control characters and direction marks (X7)", async () => {
    await sent(uploadBody({ public_id: "esc/\u001b[2J\u202egnp.exe" }));
    const { stdout } = await site.webhooks(["list", "--public-id", "esc/"]);
    expect(stdout).toContain("esc/\\u{1b}[2J\\u{202e}gnp.exe");
    expect(stdout).not.toContain("\u001b");
  });

  it.each([
    [["--limit", "900"], /Expected a whole number from 1 to 200/],
    [["--since", "yesterday"], /Expected a time such as/],
    [["--url", "hooks.example.com"], /Expected an address such as/],
    [["--state", "lost"], /Allowed choices are due, running/],
    [["stat:dead"], /400 unknown-filter: stat: is not a filter. Did you mean state:/],
    [["--before", "no-cursor"], /400 invalid-request: before: /],
  ])("exits with 2 for %s", async (args, said) => {
    const { code, stderr } = await site.webhooks(["list", ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(said);
  });
});

describe("a token and an address in a notification", () => {
  it("are in no output, as text or as JSON, but in the exact bytes", { timeout: 90_000 }, async () => {
    const planted = "ada.planted@example.com token=Zx81PlantedZx81";
    const context = { custom: { alt: planted, token: "Zx81PlantedZx81" } };
    const bytes = JSON.stringify(uploadBody({ public_id: `planted/${planted}`, context })).replaceAll(
      "@",
      "\\u0040",
    );
    const { stdout, stderr } = await site.webhooks(["send", "-", "--json"], given(), bytes);
    const { id } = JSON.parse(stdout).notifications[0].record;
    const outputs = [stdout, stderr];
    for (const command of [
      ["send", "-"],
      ["list", "--public-id", "planted/"],
      ["list", "--public-id", "planted/", "--json"],
      ["show", id],
      ["show", id, "--json"],
      ["replay", id, "--reason", planted, "--json"],
      ["forget", `planted/${planted}`, "--dry-run", "--json"],
    ]) {
      const ran = await site.webhooks(command, given(), bytes);
      expect([ran.code, command]).toEqual([0, command]);
      outputs.push(ran.stdout, ran.stderr);
    }
    for (const output of outputs) expect(output).not.toMatch(/ada\.planted|Zx81Planted/i);
    expect((await site.webhooks(["show", id, "--body"])).stdout).toBe(bytes);
  });
});

describe("drift", () => {
  it("lists what no schema knows, or that there is none", async () => {
    expect(await site.webhooks(["drift"])).toMatchObject({
      code: 0,
      stdout: "None: every notification is as the schemas describe it.\n",
    });
    const id = await sent(uploadBody());
    await site.database.db.query(
      `insert into drift_findings (kind, type, path, sample, count, first_at, last_notification_id)
       values ('field', 'upload', 'licence', '"Xxx"', 12, '2026-01-31T12:00:00Z', $1)`,
      [id],
    );
    const { stdout } = await site.webhooks(["drift"]);
    expect(stdout).toMatch(/^2026-01-31 12:00 {2}unknown field {2}upload: licence {2}"Xxx" {3}12x$/m);
    const json = await site.webhooks(["drift", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject([{ kind: "field", count: 12, notificationId: id }]);
    await site.idle();
    await site.database.db.query("delete from drift_findings");
  });
});

describe("show", () => {
  it("shows the notification and its deliveries", async () => {
    const body = uploadBody({ public_id: "products/SHOW-1/main" });
    const id = await sent(body);
    const { code, stdout } = await site.webhooks(["show", id]);
    expect(code).toBe(0);
    for (const line of [
      new RegExp(`^notification +${id}$`, "m"),
      /^public id +products\/SHOW-1\/main$/m,
      new RegExp(`^asset id +${body.asset_id}$`, "m"),
      /^verified by +CLOUDINARY_URL, sha1, \d+ s old$/m,
      /^pim {2}done +SHOW-1 has 1 picture of this asset \(0 before\)$/m,
      /^ {2}attempt 1 +20\S+ +done$/m,
    ])
      expect(stdout).toMatch(line);
    const json = JSON.parse((await site.webhooks(["show", id, "--json"])).stdout);
    expect(json).toMatchObject({ id, body: { encoding: "text", content: JSON.stringify(body) } });
  });

  it("prints the exact bytes with --body", async () => {
    const bytes = Uint8Array.of(0xff, 0x7b, 0, 0x0a);
    const id = await sent(bytes);
    const { stdoutBytes } = await site.webhooks(["show", id, "--body"]);
    expect(stdoutBytes).toEqual(Buffer.from(bytes));
  });

  it("reports an unknown or malformed id", async () => {
    const none = await site.webhooks(["show", "00000000-0000-4000-8000-000000000000"]);
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("No notification has this id"),
    });
    expect(await site.webhooks(["show", "VASE-1"])).toMatchObject(none);
  });
});

describe("replay", { timeout: 90_000 }, () => {
  it("replays what failed, repeats nothing that is done, and records operator and reason (P7)", async () => {
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

  it("sends an e-mail again only with --start-over (E4)", async () => {
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

  it("exits with 1 if a delivery fails again", async () => {
    const id = await sent(eagerBody());
    site.sendgrid.faults.add({ kind: "status", status: 401, times: 1 });
    const { code, stdout } = await site.webhooks(["replay", id, "--reason", "it was lost", "--start-over"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/email +dead after .*401/);
  });

  it("deletes a picture only with --deletes, and names the picture", async () => {
    const publicId = "clips/failed-deletion";
    const id = await sent({
      notification_type: "moderation",
      moderation_kind: "google_video_moderation",
      moderation_status: "rejected",
      moderation_updated_at: new Date().toISOString(),
      asset_id: "d".repeat(32),
      public_id: publicId,
      version: 1_760_000_123,
      secure_url: `https://res.cloudinary.com/demo/video/upload/v1760000123/${publicId}.mp4`,
    });
    await site.database.db.query(
      `update deliveries set state = 'dead', last_error = 'Cloudinary was away', settled_at = now()
       where notification_id = $1 and handler = 'moderation'`,
      [id],
    );
    const replay = (...more: string[]) =>
      site.webhooks(["replay", id, "--handler", "moderation", "--reason", "it must go", ...more]);
    const refused = await replay();
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain(`cannot be undone: ${publicId}. Add --deletes 1 to delete.`);
    expect((await replay("--deletes", "2")).stderr).toContain("deletions-differ");
    expect((await replay("--deletes", "1")).stdout).toMatch(/^Replayed: 1$/m);
  });

  it("requires a reason, and a handler that has a delivery", async () => {
    const id = await sent(eagerBody());
    const silent = await site.webhooks(["replay", id]);
    expect(silent).toMatchObject({ code: 2, stderr: expect.stringContaining("--reason is required") });
    const short = await site.webhooks(["replay", id, "--reason", "x"]);
    expect(short).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Expected at least three characters"),
    });
    const other = await site.webhooks(["replay", id, "--handler", "faces", "--reason", "names are missing"]);
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/faces/);
  });
});

describe("without access to the records", () => {
  it("reports a wrong or missing token", async () => {
    const wrong = await site.webhooks(
      ["list"],
      given({ OPERATOR_TOKEN: "9f1e9d7c4b5a60828796a5b4c3d2e1f0" }),
    );
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/this token \(401 .*Set OPERATOR_TOKEN to/),
    });
    const { OPERATOR_TOKEN: _, ...none } = given();
    expect(await site.webhooks(["list"], none)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/requests without a token \(401 .*Set OPERATOR_TOKEN to/),
    });
  });

  it("reports that the receiver does not answer", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, stderr } = await site.webhooks(["list", "--url", url]);
    expect(code).toBe(1);
    expect(stderr).toContain(`No answer from ${url}`);
  });
});
