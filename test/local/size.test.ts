import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { localCloudinary } from "../../src/local/cloudinary/local-cloudinary.ts";
import { emptyState } from "../../src/local/cloudinary/store/state.ts";
import { apiKey, apiSecret, cloudName, localStack } from "./support/local-stack.ts";
import { plain } from "./support/pixels.ts";

const count = 10_000;

function usedMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

it("starts with 10,000 assets in under a second of processor time, and finds, lists and changes them as fast as a few", async () => {
  const small = await localStack();
  const picture = await plain(4, 4, "red");
  await small.upload(picture, { public_id: "pattern", tags: ["a", "b"], context: { alt: "A picture" } });
  const [pattern] = small.cloudinary.cloud.store.state.assets;
  if (pattern === undefined) throw new Error("nothing was uploaded");
  await small.close();

  const dataDir = await mkdtemp(join(tmpdir(), "local-size-"));
  const assets = Array.from({ length: count }, (_, at) => ({
    ...pattern,
    asset_id: at.toString(16).padStart(32, "0"),
    serial: at + 1,
    public_id: `many/${at}`,
  }));
  await writeFile(join(dataDir, "state.json"), JSON.stringify({ ...emptyState(), assets }));

  // Processor time, because other processes may have the machine.
  const begun = process.cpuUsage();
  const cloud = await localCloudinary({ dataDir, cloudName, apiKey, apiSecret, baseUrl: "http://127.0.0.1" });
  expect(usedMs(begun)).toBeLessThan(1_000);

  const call = async (method: string, path: string, body?: object) => {
    const request = new Request(`http://127.0.0.1/v1_1/${cloudName}/${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString("base64")}`,
        "content-type": "application/json",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await cloud.fetch(request);
    expect(answer?.status).toBe(200);
    return answer?.json();
  };
  const query = { expression: "public_id:many/99* AND tags:a", sort_by: [{ public_id: "desc" }] };
  expect(await call("POST", "resources/search", query)).toMatchObject({ total_count: 111 });
  const calls = process.cpuUsage();
  for (let at = 0; at < 100; at += 1)
    await call("POST", `resources/image/upload/many/${at}`, { tags: "changed" });
  expect(usedMs(calls)).toBeLessThan(3_000);
  expect(await call("GET", "resources/image/tags/changed?max_results=500")).toMatchObject({
    resources: expect.objectContaining({ length: 100 }),
  });
  await cloud.close();

  const again = await localCloudinary({ dataDir, cloudName, apiKey, apiSecret, baseUrl: "http://127.0.0.1" });
  expect(again.cloud.store.state.assets.filter((one) => one.tags.includes("changed"))).toHaveLength(100);
  await again.close();
  await rm(dataDir, { recursive: true, force: true });
});

it("after a slow write, a call that waits for the next one is answered at once, and later calls do not wait", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "local-slow-write-"));
  const cloud = await localCloudinary({ dataDir, cloudName, apiKey, apiSecret, baseUrl: "http://127.0.0.1" });
  // A write to this pipe ends when somebody reads it.
  const pipe = join(dataDir, "state.json.new");
  execFileSync("mkfifo", [pipe]);
  const { store } = cloud.cloud;
  const first = store.save();
  await sleep(50);
  const second = store.save();
  await sleep(2_000);
  await readFile(pipe);
  await first;
  const answered = await Promise.race([second.then(() => "answered"), sleep(10_000, "waits")]);
  expect(answered).toBe("answered");
  expect(JSON.parse(await readFile(join(dataDir, "state.json"), "utf8"))).toMatchObject({ assets: [] });
  await cloud.close();
  await rm(dataDir, { recursive: true, force: true });
});
