import { ApiError } from "../api-error.ts";
import { served } from "../delivery/served.ts";
import type { Actor } from "../notifications/notify.ts";
import { paramsOf } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import { remove } from "../upload-api/destroy.ts";
import { override } from "../upload-api/moderation.ts";
import { upload } from "../upload-api/upload.ts";
import { libraryPage } from "./library-page.ts";

/** A person acts on this page, so notifications name a user as their source. */
const actor: Actor = { source: "ui", id: "local-library" };

/** The emulator's Media Library: browse, upload, moderate, delete. Returns null for other paths. */
export async function library(cloud: Cloud, request: Request): Promise<Response | null> {
  const { pathname: whole, origin } = new URL(request.url);
  const { pageBase } = cloud;
  const pathname = whole.startsWith(pageBase) ? whole.slice(pageBase.length) : "";
  if (pathname !== "/library" && !pathname.startsWith("/library/")) return null;
  if (pathname === "/library" && request.method === "GET") return libraryPage(cloud);
  if (pathname.startsWith(files) && request.method === "GET")
    return original(cloud, request, pathname.slice(files.length));
  if (request.method !== "POST") return new Response("No such page.\n", { status: 404 });
  // CSRF protection: a form on another site must not delete anything here.
  if (request.headers.get("origin") !== origin)
    return new Response("Only forms of this page are accepted.\n", { status: 403 });
  try {
    await act(cloud, pathname.slice("/library/".length), await request.formData());
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return new Response(`${error.message}\n`, { status: error.status });
  }
  await cloud.store.save();
  return new Response(null, { status: 303, headers: { Location: `${pageBase}/library` } });
}

const files = "/library/files/";

/** Serves the original despite its access mode: a moderator must see pending assets. */
async function original(cloud: Cloud, request: Request, assetId: string): Promise<Response> {
  const asset = cloud.store.byAssetId(assetId);
  if (asset === undefined || asset.placeholder) return new Response("No such asset.\n", { status: 404 });
  return served({ bytes: await cloud.store.read(asset.file), format: asset.format }, request);
}

async function act(cloud: Cloud, action: string, form: FormData): Promise<void> {
  if (action === "upload") return takeIn(cloud, form);
  const assetId = String(form.get("asset_id"));
  const asset = cloud.store.byAssetId(assetId);
  if (asset === undefined) throw new ApiError(404, "This asset no longer exists");
  if (action === "delete") return remove(cloud, [asset], { notificationUrl: null, actor });
  if (action === "approve" || action === "reject") {
    const status = action === "approve" ? "approved" : "rejected";
    return override(cloud, asset, { status, notificationUrl: null, actor });
  }
  throw new ApiError(404, `No such action: ${action}`);
}

async function takeIn(cloud: Cloud, form: FormData): Promise<void> {
  const file = form.get("file");
  if (!(file instanceof File) || file.size === 0) throw new ApiError(400, "Choose a file first");
  const fields = new Map(
    [...form].flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
  await upload(cloud, paramsOf(fields, file), { resourceType: "auto", unsigned: false, actor });
}
