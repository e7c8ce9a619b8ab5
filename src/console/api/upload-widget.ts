import { Hono } from "hono";
import type { Joined } from "./joined.ts";

const preset = "track-with-webhook";
/** Cloudinary's own script: https://cloudinary.com/documentation/upload_widget */
const cloudinaryScript = "https://upload-widget.cloudinary.com/latest/global/all.js";

/**
 * A page of its own and not a view of the console: the widget's script needs a wider Content-Security-Policy than the
 * console may have, and headers of functions are set in code.
 */
export const uploadWidget = new Hono<Joined>()
  .get("/upload-widget", (c) => {
    const { cloudinary } = c.env.config;
    if (!cloudinary)
      return c.html(
        pageOf("<p>Set CLOUDINARY_URL for the functions: without it no cloud is known.</p>"),
        503,
      );
    // A stand-in serves a small uploader against the same unsigned API, under the same name.
    const local = cloudinary.uploadPrefix ? new URL(cloudinary.uploadPrefix).origin : null;
    c.header("content-security-policy", policy(local));
    return c.html(
      pageOf(`<p>Uploads without a signature, by the preset <code>${preset}</code>, whose <code>notification_url</code> is this receiver's <code>/webhooks/upload</code>.
What arrives is listed here, with its record.</p>
<p><button id="open">Upload</button></p><p id="trouble" role="alert"></p><ul id="arrived" aria-live="polite"></ul>
<script src="${local ? `${local}/widget.js` : cloudinaryScript}"></script>
<script src="/api/upload-widget.js" data-cloud-name="${attribute(cloudinary.cloudName)}" data-upload-preset="${preset}"></script>`),
    );
  })
  .get("/upload-widget.js", (c) => c.body(script, 200, { "content-type": "text/javascript; charset=utf-8" }));

function policy(local: string | null): string {
  const widget = local ?? "https://upload-widget.cloudinary.com";
  const api = local ?? "https://api.cloudinary.com https://*.cloudinary.com";
  return [
    "default-src 'none'",
    `script-src 'self' ${widget}`,
    "style-src 'unsafe-inline'", // The widget styles itself.
    `img-src data: blob: https://*.cloudinary.com ${widget}`,
    `connect-src 'self' ${api}`,
    `frame-src ${widget}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function pageOf(body: string): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Upload · cloudinary-webhooks</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}button{font:inherit;padding:.4rem 1rem}li{overflow-wrap:anywhere}</style>
<h1>Upload</h1>
${body}
<p><a href="/">Back to the inbox</a></p>
</html>`;
}

function attribute(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

// Runs in the browser: opens the widget, then asks for the record of what it uploaded until it is there.
const script = `(() => {
  const { cloudName, uploadPreset } = document.currentScript.dataset;
  const list = document.getElementById("arrived");
  const trouble = document.getElementById("trouble");
  if (!window.cloudinary) {
    trouble.textContent = "The widget's script did not load.";
    return;
  }
  async function recordOf(assetId) {
    for (let tries = 0; tries < 30; tries += 1) {
      const answer = await fetch("/api/notifications?type=upload&assetId=" + encodeURIComponent(assetId));
      if (answer.status === 401) return null;
      const [first] = answer.ok ? (await answer.json()).notifications : [];
      if (first) return first;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    return null;
  }
  const widget = window.cloudinary.createUploadWidget({ cloudName, uploadPreset }, async (error, result) => {
    trouble.textContent = error ? error.status || error.statusText || "The upload failed." : "";
    if (error || result.event !== "success") return;
    const item = document.createElement("li");
    item.textContent = result.info.public_id + ": uploaded, waiting for its notification …";
    list.append(item);
    const record = await recordOf(result.info.asset_id);
    if (!record) {
      item.textContent = result.info.public_id + ": uploaded, but no notification came within 30 seconds.";
      return;
    }
    const link = document.createElement("a");
    link.href = "/console/notifications/" + record.id;
    link.textContent = result.info.public_id + ": arrived";
    item.replaceChildren(link);
  });
  document.getElementById("open").addEventListener("click", () => widget.open());
})();
`;
