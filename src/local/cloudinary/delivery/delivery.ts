import { ApiError, errorHeader, notFound } from "../api-error.ts";
import { formatIn, parseTransformation } from "../media/transformation.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";
import { checkAccess } from "./access.ts";
import { requireOwnType } from "./delivery-types.ts";
import { type DeliveryPath, parseDeliveryPath } from "./delivery-url.ts";
import { served } from "./served.ts";
import { formatOf, variant } from "./variants.ts";

/** Serves an asset or a variant. Returns null if the path is not a delivery path of this cloud. */
export async function deliver(cloud: Cloud, request: Request): Promise<Response | null> {
  const path = parseDeliveryPath(cloud, new URL(request.url).pathname);
  if (path === null || (request.method !== "GET" && request.method !== "HEAD")) return null;
  try {
    return await answer(cloud, path, request);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 501) cloud.notEmulated(error.message);
    return refusal(error);
  }
}

async function answer(cloud: Cloud, path: DeliveryPath, request: Request): Promise<Response> {
  const { asset, extension } = find(cloud, path);
  checkAccess(cloud, asset, path);
  const format = negotiated(asset, path, { extension, accept: request.headers.get("accept") ?? "" });
  const isOriginal = path.transformation === "" && format === asset.format;
  const file = isOriginal
    ? asset.file
    : (await variant(cloud, asset, { transformation: path.transformation, format })).file;
  if (!isOriginal) await cloud.store.save();
  return served({ bytes: await cloud.store.read(file), format }, request, {
    "Access-Control-Allow-Origin": "*",
    ...(/(^|[,./])fl_attachment/.test(path.transformation) ? { "Content-Disposition": "attachment" } : {}),
  });
}

function find(cloud: Cloud, path: DeliveryPath): { asset: Asset; extension: string | undefined } {
  const { resource_type, type, source } = path;
  const dot = /^(.+)\.([A-Za-z0-9]+)$/.exec(source);
  const whole = cloud.store.find({ resource_type, type, public_id: source });
  if (whole !== undefined) return { asset: whole, extension: undefined };
  const bare =
    dot?.[1] === undefined ? undefined : cloud.store.find({ resource_type, type, public_id: dot[1] });
  if (bare === undefined) requireOwnType(type);
  if (bare === undefined || resource_type === "raw") throw notFound(source);
  return { asset: bare, extension: dot?.[2]?.toLowerCase().replace("jpeg", "jpg") };
}

/** `f_auto` means WebP for clients that accept it. */
function negotiated(
  asset: Asset,
  path: DeliveryPath,
  wish: { extension: string | undefined; accept: string },
): string {
  if (asset.resource_type === "raw") return asset.format;
  const isAuto = formatIn(parseTransformation(path.transformation)) === "auto";
  if (isAuto && asset.resource_type === "image" && wish.accept.includes("image/webp")) return "webp";
  return formatOf(asset, { transformation: path.transformation, format: wish.extension });
}

const refusal = (error: ApiError): Response =>
  new Response(`${error.message}\n`, {
    status: error.status,
    headers: {
      "Content-Type": "text/plain; charset=utf-8",
      ...errorHeader(error),
      "Access-Control-Allow-Origin": "*",
    },
  });
