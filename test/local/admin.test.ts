import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalStack, localStack } from "./support/local-stack.ts";
import { plain } from "./support/pixels.ts";

let stack: LocalStack;
const hourMs = 3_600_000;
/** Makes it half past when the tests begin: calls are counted anew from the full hour. */
const aheadMs = hourMs / 2 - (Date.now() % hourMs);

beforeAll(async () => {
  stack = await localStack({ rateLimit: 1_000, now: () => Date.now() + aheadMs });
  const picture = await plain(4, 4, "red");
  for (let at = 0; at < 5; at += 1) {
    await stack.upload(picture, {
      public_id: `queue/${at}`,
      moderation: "manual",
      tags: ["q", `n${at}`],
      context: { n: at },
    });
  }
  await stack.upload(picture, { public_id: "other" });
});
afterAll(() => stack.close());

const control = (path: string, body: object) =>
  fetch(`${stack.url}/_control/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

describe("lists", () => {
  it("are paged, each asset once, with the requested labels", async () => {
    const seen: string[] = [];
    let next_cursor: string | undefined;
    do {
      const page = await stack.api.resources_by_moderation("manual", "pending", {
        max_results: 2,
        tags: true,
        moderations: true,
        ...(next_cursor === undefined ? {} : { next_cursor }),
      });
      expect(page.resources[0]).toMatchObject({
        tags: [expect.stringMatching(/^n\d$/), "q"],
        moderation_status: "pending",
      });
      seen.push(...page.resources.map((one) => one.public_id));
      next_cursor = page.next_cursor;
    } while (next_cursor !== undefined);
    expect(seen.sort()).toEqual(["queue/0", "queue/1", "queue/2", "queue/3", "queue/4"]);
  });

  it("continue after the first asset of the next page was deleted", async () => {
    const picture = await plain(4, 4, "red");
    for (const at of [0, 1, 2]) await stack.upload(picture, { public_id: `page/${at}` });
    const list = (more: object) =>
      stack.api.resources({ type: "upload", prefix: "page/", max_results: 1, ...more });
    const first = await list({});
    expect(first.resources).toMatchObject([{ public_id: "page/2" }]);
    await stack.uploader.destroy("page/1");
    const second = await list({ next_cursor: first.next_cursor });
    expect(second.resources).toMatchObject([{ public_id: "page/0" }]);
    expect(second.next_cursor).toBeUndefined();
    await expect(list({ next_cursor: "nonsense" })).rejects.toMatchObject({ error: { http_code: 400 } });
  });

  it("omit labels and return at most ten assets by default", async () => {
    const { resources } = await stack.api.resources({ prefix: "queue/", type: "upload" });
    expect(resources).toHaveLength(5);
    expect(resources[0]).not.toHaveProperty("tags");
    await expect(stack.api.resources({ max_results: 501 })).rejects.toMatchObject({
      error: { http_code: 400 },
    });
  });

  it("are empty for another kind, status or resource type", async () => {
    expect((await stack.api.resources_by_moderation("webpurify", "pending")).resources).toEqual([]);
    expect((await stack.api.resources_by_moderation("manual", "approved")).resources).toEqual([]);
    const videos = { resource_type: "video" };
    expect((await stack.api.resources_by_moderation("manual", "pending", videos)).resources).toEqual([]);
  });

  it("can be searched", async () => {
    const found = await stack.search.expression("public_id:queue/* AND tags=n3").execute();
    expect(found).toMatchObject({ total_count: 1, resources: [{ public_id: "queue/3" }] });
    const past = stack.search.expression('public_id:queue/* AND uploaded_at<"2020-01-01T00:00:00.000Z"');
    expect(await past.execute()).toMatchObject({ total_count: 0 });
    const since = stack.search.expression('public_id:queue/* AND uploaded_at>="2020-01-01T00:00:00.000Z"');
    expect(await since.sort_by("uploaded_at", "asc").max_results(2).execute()).toMatchObject({
      resources: [{ public_id: "queue/0", uploaded_at: expect.any(String) }, { public_id: "queue/1" }],
    });
    expect(await stack.search.expression("public_id:queue/* AND bytes > 3").execute()).toMatchObject({
      total_count: 5,
    });
  });
});

describe("one asset", () => {
  it("is found by name and by asset id, including folders", async () => {
    const byName = await stack.api.resource("queue/1");
    const byId = await stack.rest("GET", `resources/${byName.asset_id}`);
    expect(await byId.json()).toMatchObject({
      public_id: "queue/1",
      tags: ["n1", "q"],
      context: { custom: { n: "1" } },
    });
    await expect(stack.api.resource("queue/9")).rejects.toMatchObject({ error: { http_code: 404 } });
  });
});

describe("presets", () => {
  it("are created once, shown, changed and deleted", async () => {
    const preset = { name: "mine", unsigned: true, notification_url: stack.hook.url };
    await stack.api.create_upload_preset(preset);
    await expect(stack.api.create_upload_preset(preset)).rejects.toMatchObject({ error: { http_code: 409 } });
    const changed = { tags: "later" };
    await stack.api.update_upload_preset("mine", changed);
    expect(await stack.api.upload_preset("mine")).toMatchObject({
      unsigned: true,
      settings: { notification_url: stack.hook.url, tags: ["later"] },
    });
    await stack.api.delete_upload_preset("mine");
    await expect(stack.api.upload_preset("mine")).rejects.toMatchObject({ error: { http_code: 404 } });
  });
});

describe("the rate limit", () => {
  it("is returned with every Admin API response, decreases with each call, and results in 420", async () => {
    expect((await control("rate-limit", { remaining: 2 })).status).toBe(204);
    const first = await stack.api.ping();
    expect(first.rate_limit_remaining).toBe(1);
    expect(first.rate_limit_allowed).toBe(1_000);
    expect(first.rate_limit_reset_at.getTime()).toBeGreaterThan(Date.now() + aheadMs);
    expect((await stack.api.ping()).rate_limit_remaining).toBe(0);
    await expect(stack.api.ping()).rejects.toMatchObject({
      error: { http_code: 420, message: expect.stringContaining("Rate Limit Exceeded") },
    });
    await stack.uploader.add_tag("free", ["other"]);
    await control("rate-limit", { remaining: 900 });
    expect((await stack.api.resource("other")).tags).toEqual(["free"]);
  });
});

describe("injected faults", () => {
  const fault = (settings: object) => control("faults", { service: "cloudinary", ...settings });

  it.each([420, 429, 500])("return %d once", async (status) => {
    await fault({ kind: "status", status });
    await expect(stack.api.ping()).rejects.toMatchObject({ error: { http_code: status } });
    await expect(stack.api.ping()).resolves.toMatchObject({ status: "ok" });
  });

  it("affect only matching calls", async () => {
    await fault({ kind: "status", status: 500, match: "/destroy" });
    await stack.api.ping();
    await expect(stack.uploader.destroy("nothing")).rejects.toMatchObject({ http_code: 500 });
  });

  it("break the connection, before or after the work", async () => {
    await fault({ kind: "reset", match: "/tags" });
    await expect(stack.uploader.add_tag("lost", ["other"])).rejects.toMatchObject({
      error: { code: "ECONNRESET" },
    });
    expect((await stack.api.resource("other")).tags).not.toContain("lost");
    await fault({ kind: "reset", when: "after-work", match: "/tags" });
    await expect(stack.uploader.add_tag("done", ["other"])).rejects.toMatchObject({
      error: { code: "ECONNRESET" },
    });
    expect((await stack.api.resource("other")).tags).toContain("done");
  });

  it("hang until the caller times out", async () => {
    await fault({ kind: "hang", match: "/destroy" });
    const impatient = { timeout: 100 };
    const call = stack.uploader.destroy("other", Object.assign({ resource_type: "image" }, impatient));
    await expect(call).rejects.toMatchObject({ error: { name: "TimeoutError" } });
    await stack.api.resource("other");
  });

  it("are rejected if invalid, and removed when cleared", async () => {
    expect((await fault({ kind: "explode" })).status).toBe(400);
    await fault({ kind: "status", times: 5 });
    expect((await fetch(`${stack.url}/_control/faults`, { method: "DELETE" })).status).toBe(204);
    await stack.api.ping();
  });
});
