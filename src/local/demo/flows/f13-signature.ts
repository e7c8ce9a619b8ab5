import { z } from "zod";
import { check, until } from "../check.ts";
import type { Flow, Stage } from "../flow.ts";

const refused = z.object({ error: z.object({ reason: z.string() }) });
const hour = 3_600;

export const signature: Flow = {
  id: "F13",
  title: "Headers and signature",
  async play(stage) {
    const { cloud, receiver } = stage;
    const publicId = stage.name("forged");
    const body = JSON.stringify({ notification_type: "demo", public_id: publicId, asset_id: "0".repeat(32) });
    const now = Math.floor(Date.now() / 1_000);
    const sign = (timestamp: number) => ({
      "x-cld-timestamp": String(timestamp),
      "x-cld-signature": cloud.utils.webhook_signature(body, timestamp, { api_secret: cloud.secret }),
    });
    const { "x-cld-signature": _, ...unsigned } = sign(now);
    const attempts = [
      { reason: "signature-missing", status: 401, request: { headers: unsigned, body } },
      {
        reason: "signature-mismatch",
        status: 401,
        request: { headers: sign(now), body: body.replace("forged", "altered") },
      },
      { reason: "timestamp-too-old", status: 401, request: { headers: sign(now - 3 * hour), body } },
      { reason: "method-not-allowed", status: 405, request: { headers: sign(now), method: "PUT", body } },
    ];
    const before = await receiver.refusals();
    for (const { reason, status, request } of attempts) {
      const answer = await post(stage, request);
      check(`answer to ${reason}`, { expected: [status, reason], seen: answer });
    }
    stage.sent("unsigned, altered, old, and with the wrong method");
    const count = (list: typeof before, wanted: string) =>
      list.find(({ reason }) => reason === wanted)?.count ?? 0;
    // Counted after the answer.
    await until("rejected requests in the console", {
      read: async () => {
        const after = await receiver.refusals();
        return attempts.filter(({ reason }) => count(after, reason) <= count(before, reason));
      },
      holds: (missing) => missing.length === 0,
      expected: "one more of each than before",
      signal: stage.signal,
    });
    stage.done(`rejected and counted: ${attempts.map(({ reason }) => reason).join(", ")}`);

    check("answer to the same, well signed", {
      expected: [200, null],
      seen: await post(stage, { headers: sign(now), body }),
    });
    const { timesSeen } = await stage.arrival({ type: "demo", publicId });
    check("times that it was recorded", { expected: 1, seen: timesSeen });
    stage.done("recorded with a valid signature");
  },
};

/** The status and, if there is one, the reason. */
async function post(
  { url, signal }: Stage,
  request: { headers: Record<string, string>; method?: string; body: string },
): Promise<[number, string | null]> {
  const response = await fetch(`${url}/webhooks`, {
    method: "POST",
    ...request,
    headers: { ...request.headers, "content-type": "application/json" },
    signal,
  });
  const parsed = refused.safeParse(await response.json().catch(() => null));
  return [response.status, parsed.success ? parsed.data.error.reason : null];
}
