import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { z } from "zod";
import { notificationSignature } from "../signing.ts";
import type { Cloud } from "../store/cloud.ts";
import { Interrupted } from "../store/jobs.ts";
import type { JobOf, Trigger } from "../store/state.ts";
import { hold } from "./messages.ts";
import { passes } from "./trigger-filter.ts";

type Body = Record<string, z.core.util.JSONType>;

/** About Cloudinary's own timeout for a receiver. */
const timeoutMs = 20_000;

/** Who caused an event, as in `notification_context.triggered_by`. */
export interface Actor {
  source: "api" | "ui";
  id: string;
}

export interface NotificationEvent {
  type: string;
  body: Body;
  /** The notification URL of the call or of its preset; it replaces the triggers that are not `additive`. */
  notificationUrl: string | null;
  actor?: Actor;
  /** From the call that caused the event; used by triggers with `poll://*`. */
  batchId?: string | undefined;
}

/** Sends an event to its targets, soon after the call that caused it was answered. */
export function notify(cloud: Cloud, event: NotificationEvent): void {
  const actor = event.actor ?? { source: "api", id: cloud.apiKey };
  const sent = {
    notification_type: event.type,
    ...event.body,
    notification_context: { triggered_at: microseconds(cloud.now()), triggered_by: { ...actor } },
    signature_key: cloud.apiKey,
  };
  const body = JSON.stringify(sent);
  for (const target of targetsOf(cloud, event, sent)) {
    const channel = pollChannel(target.uri);
    if (channel === null) send(cloud, event.type, { ...target, body });
    else if (channel !== "*") hold(cloud, { channel, batch_id: null, body });
    else if (event.batchId !== undefined) hold(cloud, { channel: null, batch_id: event.batchId, body });
  }
}

type Target = Pick<Trigger, "uri" | "auth_scheme">;

/** The call's own URL replaces the triggers, except for additive ones. A flow can be listed but does not run. */
function targetsOf(cloud: Cloud, event: NotificationEvent, body: object): Target[] {
  const own: Target[] =
    event.notificationUrl === null ? [] : [{ uri: event.notificationUrl, auth_scheme: "legacy_hmac" }];
  const triggers = cloud.store.state.triggers.filter(
    (trigger) =>
      (trigger.event_type === event.type || trigger.event_type === "all") &&
      (event.notificationUrl === null || trigger.additive) &&
      passes(trigger.filter, body),
  );
  for (const flow of triggers.filter(({ uri_type }) => uri_type === "flow"))
    cloud.log({ url: flow.uri, attempt: 1, status: "flows are not run here", body: "" });
  return [...own, ...triggers.filter(({ uri_type }) => uri_type !== "flow")];
}

const pollChannel = (uri: string): string | null => /^poll:\/\/(.+)$/.exec(uri)?.[1] ?? null;

function send(cloud: Cloud, type: string, target: Target & { body: string }): void {
  const { uri: url, body, auth_scheme } = target;
  const { copies, delayMs, tampered } = cloud.notificationFaults.take(type);
  for (let copy = 0; copy < copies; copy += 1)
    cloud.jobs.schedule({ kind: "notify", url, body, auth_scheme, attempt: 1, tampered }, delayMs);
}

/** Sends once; any status but 200 is retried after the next retry delay. */
export async function deliver(cloud: Cloud, job: JobOf<"notify">): Promise<void> {
  const status = await post(cloud, job).catch((error: unknown) => String(error));
  if (cloud.closing.aborted && typeof status === "string") throw new Interrupted("closing");
  cloud.log({ url: job.url, attempt: job.attempt, status, body: job.body });
  const delay = cloud.retryDelaysMs[job.attempt - 1];
  if (status !== 200 && delay !== undefined) {
    cloud.jobs.schedule({ ...job, attempt: job.attempt + 1 }, delay);
  }
}

async function post(cloud: Cloud, job: JobOf<"notify">): Promise<number> {
  const url = new URL(job.url);
  const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
    method: "POST",
    headers: {
      "User-Agent": "Cloudinary",
      Accept: "*/*",
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(job.body),
      ...signatureHeaders(cloud, job),
      Connection: "close",
    },
    signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), cloud.closing]),
  });
  return new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("response", (response) => {
      response.resume();
      response.on("error", reject);
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    request.end(job.body);
  });
}

/** Signs each attempt again. Cloudinary does not document whether its retries do; a receiver must accept both. */
function signatureHeaders(cloud: Cloud, job: JobOf<"notify">): Record<string, string> {
  const timestamp = Math.floor(cloud.now() / 1_000);
  const signed = { body: job.body, timestamp, secret: cloud.apiSecret };
  const headers: Record<string, string> = { "X-Cld-Timestamp": String(timestamp) };
  if (job.auth_scheme !== "eddsa_v2") {
    const secret = job.tampered ? `not ${cloud.apiSecret}` : cloud.apiSecret;
    headers["X-Cld-Signature"] = notificationSignature({ ...signed, secret }, cloud.algorithm);
  }
  // Cloudinary does not document which bytes this header covers, so the value is a placeholder.
  if (job.auth_scheme !== "legacy_hmac") {
    headers["X-Cld-Signature_v2"] = sign(null, Buffer.from(job.body + timestamp), ed25519()).toString(
      "base64",
    );
  }
  return headers;
}

const ed25519 = (): KeyObject => generateKeyPairSync("ed25519").privateKey;

let lastMicros = 0;

/** Six decimals, strictly increasing: receivers order events by this value. */
function microseconds(ms: number): string {
  lastMicros = Math.max(lastMicros + 1, ms * 1_000 + Number(process.hrtime.bigint() % 1_000n));
  const fraction = String(lastMicros % 1_000).padStart(3, "0");
  return new Date(lastMicros / 1_000).toISOString().replace("Z", `${fraction}Z`);
}
