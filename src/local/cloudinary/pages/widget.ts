import { readFile } from "node:fs/promises";
import type { Cloud } from "../store/cloud.ts";
import { escaped, page } from "./page.ts";

const preset = "track-with-webhook";

/**
 * Serves `/widget.js`, a small emulation of Cloudinary's Upload Widget script, and a page that uses it. Null for other
 * paths.
 */
export async function widget(cloud: Cloud, request: Request): Promise<Response | null> {
  const { pathname: whole } = new URL(request.url);
  const pathname = whole.startsWith(cloud.pageBase) ? whole.slice(cloud.pageBase.length) : "";
  if (request.method !== "GET" || !/^\/widget(-page)?(\.js)?$/.test(pathname)) return null;
  if (pathname === "/widget") {
    return page(
      "Upload Widget (local)",
      `<p>Uploads without a signature, using the upload preset <code>${preset}</code>. Create it first:
<code>cloudinary.api.create_upload_preset({ name: "${preset}", unsigned: true, asset_folder: "visitors", moderation: "manual", notification_url: "…/webhooks/public" })</code></p>
<p><button id="open">Upload</button></p><ul id="done"></ul>
<script src="/widget.js"></script><script src="/widget-page.js" data-cloud-name="${escaped(cloud.cloudName)}" data-upload-preset="${preset}"></script>`,
    );
  }
  const file =
    pathname === "/widget.js" ? "upload-widget.js" : pathname === "/widget-page.js" ? "widget-page.js" : null;
  if (file === null) return null;
  return new Response(await readFile(new URL(file, import.meta.url), "utf8"), {
    headers: { "Content-Type": "text/javascript; charset=utf-8", "Access-Control-Allow-Origin": "*" },
  });
}
