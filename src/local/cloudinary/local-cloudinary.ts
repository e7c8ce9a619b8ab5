import { type Fault, Faults } from "../faults.ts";
import { rateLimit } from "./admin-api/rate-limit.ts";
import { json } from "./answers.ts";
import { ApiError, errorHeader, notEmulated } from "./api-error.ts";
import { madeCall, matchCall, refuseUnknownParameters } from "./call.ts";
import { calls } from "./calls.ts";
import { deliver as deliverAsset } from "./delivery/delivery.ts";
import { NotificationFaults } from "./notifications/notification-faults.ts";
import { deliver as deliverNotification } from "./notifications/notify.ts";
import { library } from "./pages/library.ts";
import { widget } from "./pages/widget.ts";
import { readParams } from "./params.ts";
import { requireBasicAuth, requireSignature, verifySignature } from "./signing.ts";
import { type Cloud, type LocalCloudinaryOptions, seconds } from "./store/cloud.ts";
import { jobs } from "./store/jobs.ts";
import type { Job } from "./store/state.ts";
import { newId, openStore } from "./store/store.ts";
import { runArchive } from "./upload-api/archive.ts";
import { runRemoveBackground } from "./upload-api/background-removal.ts";
import { runEager } from "./upload-api/eager.ts";
import { runExplode } from "./upload-api/explode.ts";
import { runModeration } from "./upload-api/moderation.ts";
import { runSlideshow } from "./upload-api/slideshow.ts";
import { runUpload } from "./upload-api/upload.ts";

export type LocalCloudinary = Awaited<ReturnType<typeof localCloudinary>>;

/**
 * Emulates one product environment: the Upload and Admin API under `/v1_1/`, delivery under `/<cloud name>/`, and the
 * pages `/library` and `/widget` (of further clouds below `pageBase`). `fetch` returns null for other paths.
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
    folderMode: "dynamic",
    backup: false,
    explicitTells: ["moderation", "access_control"],
    pageBase: "",
    log: () => undefined,
    notEmulated: () => undefined,
    ...options,
    now,
    store,
    jobs: queue,
    notificationFaults: new NotificationFaults(),
    messages: new EventTarget(),
    closing: closing.signal,
  };
  const limit = rateLimit({ allowed: cloud.rateLimit, now });
  const faults = new Faults();
  queue.resume();

  async function api(request: Request): Promise<Response> {
    try {
      return await answered(request);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 501) cloud.notEmulated(error.message);
      return refused(error, limit.headers());
    }
  }

  async function answered(request: Request): Promise<Response> {
    const { cloudName, path } = apiPath(request);
    if (cloudName !== cloud.cloudName) throw new ApiError(401, `Unknown cloud_name ${cloudName}`);
    const { call, values } = matchCall(calls, { method: request.method, path });
    const counted = call.authorization === "admin";
    if (counted || call.authorization === "messages") requireBasicAuth(request, cloud);
    if (counted) limit.spend();
    const params = await readParams(request);
    if (call.authorization === "upload")
      requireSignature(request, params, { credentials: cloud, nowSeconds: seconds(cloud) });
    if (call.authorization === "link") verifySignature(params, cloud);
    refuseUnknownParameters(call, params);
    const answer = await call.answer(madeCall({ cloud, request, params }, values));
    await store.save();
    if (answer instanceof Response) return answer;
    return json(answer, call.status ?? 200, {
      "X-Request-Id": newId(),
      ...(counted ? limit.headers() : { "Access-Control-Allow-Origin": "*" }),
    });
  }

  return {
    cloud,
    faults,
    limit,
    async fetch(request: Request): Promise<Response | null> {
      const { pathname } = new URL(request.url);
      if (!isDecodable(pathname)) return new Response("Malformed address.\n", { status: 400 });
      if (!isApiPath(pathname)) {
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

/** Any Cloudinary API version, but not `/v3/`, which is SendGrid's. */
const isApiPath = (pathname: string): boolean => /^\/(v1(_\d+)?|v2)\//.test(pathname);

/**
 * The cloud name and the rest of the path: after `/v1_1/`, or after `/v2/` and the module name. The SDK encodes slashes
 * and some other characters of a public id as `%2F` and the like.
 */
function apiPath(request: Request): { cloudName: string; path: string } {
  const pathname = decodeURIComponent(new URL(request.url).pathname);
  const [, version, cloudName = "", rest = ""] = /^\/(v1_1|v2\/\w+)\/([^/]*)(\/.*)?$/s.exec(pathname) ?? [];
  if (version === undefined) throw notEmulated(`the path ${pathname}`);
  return { cloudName, path: version === "v1_1" ? rest : `/${version}${rest}` };
}

function isDecodable(pathname: string): boolean {
  try {
    return decodeURIComponent(pathname).length > 0;
  } catch {
    // Decoding throws nothing but URIError.
    return false;
  }
}

function refused(error: ApiError, headers: Record<string, string>): Response {
  return json({ error: { message: error.message } }, error.status, {
    ...headers,
    ...errorHeader(error),
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

/** Runs one due job. */
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
    case "upload":
      return runUpload(cloud, job);
    case "archive":
      return runArchive(cloud, job);
    default:
      return job satisfies never;
  }
}
