import { createHash } from "node:crypto";
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { localWidgetToken } from "../../../lib/cloudinary/local-widget.ts";
import { widgetPreset as preset } from "../../../lib/cloudinary/presets.ts";
import type { OperatorRole } from "../../../lib/shared/operators.ts";
import { accessHints, accessStatus } from "../auth.ts";
import { accessIn, type Joined } from "../context.ts";
import { framedScript, outerScript } from "./upload-widget-scripts.ts";

/** Cloudinary's own script: https://cloudinary.com/documentation/upload_widget */
const cloudinaryScript = "https://upload-widget.cloudinary.com/latest/global/all.js";

/** A browser gets the reason of a refusal as a page. Scripts send a bearer token or ask for JSON, and get JSON. */
export const refusedAsPage = createMiddleware<Joined>(async (c, next) => {
  const isBrowser = c.req.header("accept")?.includes("text/html") && !c.req.header("authorization");
  const access = isBrowser && c.req.method === "GET" ? accessIn(c) : null;
  const reason = access === null ? null : access.ok ? viewerReason(access.role) : access.reason;
  if (reason === null) return await next();
  c.header("content-security-policy", outerPolicy);
  const text = reason === "signed-out" ? signedOut : `<p>${attribute(accessHints[reason])}</p>`;
  return c.html(pageOf(text), accessStatus[reason]);
});

const viewerReason = (role: OperatorRole) => (role === "viewer" ? "viewers-only-read" : null);

const signedOut = `<p>This page is for operators. <a href="/">Sign in to the console</a>, then open this page again.</p>
<p>On your own machine, <code>npm start</code> prints a link that signs in.</p>`;

/**
 * Two separate pages instead of a view of the console. The outer page is ours and loads the record from `/api`. The widget's script is
 * third-party code: it runs in a sandboxed frame, whose opaque origin has no access to the operator's session.
 */
export const uploadWidget = new Hono<Joined>()
  .get("/upload-widget", (c) => {
    c.header("content-security-policy", outerPolicy);
    if (!c.env.config.cloudinary)
      return c.html(
        pageOf("<p>The Upload Widget needs a cloud. Set CLOUDINARY_URL for the functions.</p>"),
        503,
      );
    return c.html(
      pageOf(`<p>Uploads here are unsigned and use the preset <code>${preset}</code>. Anyone can use an unsigned preset and specify any product, so set its <code>notification_url</code> to this receiver's <code>/webhooks/public</code>. Notifications received there are recorded and listed here, but the asset is not assigned to a product until a reviewer approves it or an operator trusts it. Give the preset its own folder and <code>moderation: manual</code>.</p>
<iframe id="widget" title="Upload Widget" src="/api/upload-widget/frame" sandbox="${allowed}"></iframe>
<p id="trouble" role="alert"></p><ul id="arrived" aria-live="polite"></ul>
<script src="/api/upload-widget.js"></script>`),
    );
  })
  .get("/upload-widget/frame", (c) => {
    const { cloudinary } = c.env.config;
    if (!cloudinary) return c.body(null, 503);
    // An emulator serves a small uploader for the same unsigned API, under the same name.
    const local = cloudinary.uploadPrefix ? new URL(cloudinary.uploadPrefix).origin : null;
    c.header("content-security-policy", framedPolicy(local));
    return c.html(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Upload Widget</title>${style}
<button id="open">Upload</button>
<script src="${local ? `${local}/widget.js?token=${localWidgetToken(cloudinary.apiSecret)}` : cloudinaryScript}"></script>
<script data-cloud-name="${attribute(cloudinary.cloudName)}" data-upload-preset="${preset}">${framedScript}</script>
</html>`);
  })
  .get("/upload-widget.js", (c) =>
    c.body(outerScript, 200, { "content-type": "text/javascript; charset=utf-8" }),
  );

/** Never `allow-same-origin`: with it, the frame could remove its sandbox. */
const allowed = "allow-scripts allow-forms allow-modals allow-popups";

const outerPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'unsafe-inline'",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

function framedPolicy(local: string | null): string {
  const widget = local ?? "https://upload-widget.cloudinary.com";
  const api = local ?? "https://api.cloudinary.com https://*.cloudinary.com";
  return [
    `sandbox ${allowed}`, // Also restricted if opened directly instead of in the frame.
    "default-src 'none'",
    // Allowed by its hash, because the sandboxed page has no session to load a file of ours.
    `script-src ${widget} 'sha256-${createHash("sha256").update(framedScript).digest("base64")}'`,
    "style-src 'unsafe-inline'", // The widget styles itself.
    `img-src data: blob: https://*.cloudinary.com ${widget}`,
    `connect-src ${api}`,
    `frame-src ${widget}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join("; ");
}

const style =
  "<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}button{font:inherit;padding:.4rem 1rem}li{overflow-wrap:anywhere}iframe{width:100%;height:min(36rem,70vh);border:1px solid #8888;border-radius:8px}</style>";

function pageOf(body: string): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Upload · cloudinary-webhooks</title>
${style}
<h1>Upload</h1>
${body}
<p><a href="/">Back to the inbox</a></p>
</html>`;
}

function attribute(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
