import { type Fault, Faults } from "../faults.ts";
import { rateLimit } from "./admin-api/rate-limit.ts";
import { adminCall, isAdminPath } from "./admin-api/routes.ts";
import { json } from "./answers.ts";
import { ApiError } from "./api-error.ts";
import { deliver as deliverAsset } from "./delivery/delivery.ts";
import { download } from "./delivery/download.ts";
import { UnknownFormat } from "./media/picture.ts";
import { BadTransformation } from "./media/transformation.ts";
import { deliver as deliverNotification, notify } from "./notifications/notify.ts";
import { library } from "./pages/library.ts";
import { widget } from "./pages/widget.ts";
import { readParams } from "./params.ts";
import { requireBasicAuth } from "./signing.ts";
import type { Cloud, LocalCloudinaryOptions } from "./store/cloud.ts";
import { jobs } from "./store/jobs.ts";
import type { Job } from "./store/state.ts";
import { newId, openStore } from "./store/store.ts";
import { runRemoveBackground } from "./upload-api/background-removal.ts";
import { runEager } from "./upload-api/eager.ts";
import { runExplode } from "./upload-api/explode.ts";
import { runModeration } from "./upload-api/moderation.ts";
import { uploadCall } from "./upload-api/routes.ts";
import { runSlideshow } from "./upload-api/slideshow.ts";

export type LocalCloudinary = Awaited<ReturnType<typeof localCloudinary>>;

/**
 * A product environment on this machine: the Upload and Admin API under `/v1_1/`, delivery under `/<cloud name>/`,
 * and for people `/library` and `/widget`. `fetch` answers null for other paths.
 */
export async function localCloudinary(options: LocalCloudinaryOptions) {
  const closing = new AbortController();
  const now = options.now ?? Date.now;
  const store = await openStore(options.dataDir);
  const queue = jobs({ store, now, run: (job) => run(cloud, job) });
  const cloud: Cloud = {
    delayMs: 1_000,
    retryDelaysMs: [180_000, 360_000, 540_000],
    algorithm: "sha1",
    rateLimit: 500,
    fetchLimits: { ms: 20_000, bytes: 100 * 1024 * 1024 },
    log: () => undefined,
    ...options,
    now,
    store,
    jobs: queue,
    closing: closing.signal,
  };
  const limit = rateLimit({ allowed: cloud.rateLimit, now });
  const faults = new Faults();
  queue.resume();

  async function api(request: Request): Promise<Response> {
    try {
      return await call(request);
    } catch (error) {
      const refusal = asApiError(error);
      if (refusal === null) throw error;
      return refused(refusal, limit.headers());
    }
  }

  async function call(request: Request): Promise<Response> {
    const [cloudName, ...path] = apiPath(request);
    if (cloudName !== cloud.cloudName) throw new ApiError(401, `Unknown cloud_name ${cloudName}`);
    if (!isAdminPath(path)) {
      const params = await readParams(request);
      if (request.method === "GET" && path.length === 2 && path[1] === "download")
        return download(cloud, request, { resourceType: path[0] ?? "", params });
      const answer = await uploadCall(cloud, request, { path, params });
      await store.save();
      return json(answer, 200, { "Access-Control-Allow-Origin": "*", "X-Request-Id": newId() });
    }
    requireBasicAuth(request, cloud);
    limit.spend();
    const answer = await adminCall({
      cloud,
      method: request.method,
      path,
      params: await readParams(request),
    });
    await store.save();
    const isNewTrigger = request.method === "POST" && path[0] === "triggers";
    return json(answer, isNewTrigger ? 201 : 200, { ...limit.headers(), "X-Request-Id": newId() });
  }

  return {
    cloud,
    faults,
    limit,
    async fetch(request: Request): Promise<Response | null> {
      const { pathname } = new URL(request.url);
      if (!isDecodable(pathname)) return new Response("Malformed address.\n", { status: 400 });
      if (!pathname.startsWith("/v1_1/")) {
        return (
          (await deliverAsset(cloud, request)) ?? (await library(cloud, request)) ?? widget(cloud, request)
        );
      }
      if (request.method === "OPTIONS") return preflight();
      return faults.around(request, api, (fault) =>
        refused(faultError(fault), { ...limit.headers(), ...fault.headers }),
      );
    },
    idle: () => queue.idle(),
    async close(): Promise<void> {
      closing.abort();
      await queue.close();
    },
  };
}

function faultError({ status, body }: Fault): ApiError {
  const words = status === 420 || status === 429 ? "Rate Limit Exceeded" : "Fault on request";
  return new ApiError(status, body ?? words);
}

/** The path below `/v1_1/`; the SDK writes the slashes inside a public id, and some others, as `%2F`. */
const apiPath = (request: Request): string[] =>
  decodeURIComponent(new URL(request.url).pathname.slice("/v1_1/".length)).split("/");

function isDecodable(pathname: string): boolean {
  try {
    return decodeURIComponent(pathname).length > 0;
  } catch {
    // URIError: the one thing that decoding can say.
    return false;
  }
}

function asApiError(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error;
  const isBadRequest = error instanceof BadTransformation || error instanceof UnknownFormat;
  return isBadRequest ? new ApiError(400, error.message, { cause: error }) : null;
}

function refused(error: ApiError, headers: Record<string, string>): Response {
  return json({ error: { message: error.message } }, error.status, {
    ...headers,
    "X-Cld-Error": encodeURI(error.message.toWellFormed()),
    "Access-Control-Allow-Origin": "*",
  });
}

const preflight = (): Response =>
  new Response(null, {
    status: 204,
    headers: {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Allow-Methods": "POST",
      "Access-Control-Allow-Headers": "*",
    },
  });

/** One piece of work that has come due. */
async function run(cloud: Cloud, job: Job): Promise<void> {
  switch (job.kind) {
    case "notify":
      return deliverNotification(cloud, job);
    case "eager":
      return runEager(cloud, job);
    case "moderate":
      return runModeration(cloud, job);
    case "remove-background":
      return runRemoveBackground(cloud, job);
    case "explode":
      return runExplode(cloud, job);
    case "slideshow":
      return runSlideshow(cloud, job);
    case "event":
      return notify(cloud, { type: job.type, body: job.body, notificationUrl: job.notification_url });
    default:
      return job satisfies never;
  }
}
