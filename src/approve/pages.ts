import { createHash } from "node:crypto";
import type { BoardFacts, Consequence } from "../console/shared/moderation.ts";
import { escapeHtml, plain } from "../handlers/email/compose/sanitize.ts";
import type { Decision } from "./uses.ts";

export interface Question {
  card: BoardFacts;
  publicId: string | null;
  skus: readonly string[];
  /** The address of the picture; null: there is none to show. */
  picture: string | null;
  recipient: string;
  /** Why the form is shown again. */
  problem: string | null;
}

/** The picture, what each decision causes, and a form for it. A GET changes nothing: mail scanners open links. */
export function questionPage({ card, publicId, skus, picture, recipient, problem }: Question): Response {
  const facts = [
    ["Product", skus.join(", ")],
    ["Name", card.name],
    ["Public id", publicId === card.name ? "" : (publicId ?? "")],
    ["Folder", card.folder ?? ""],
    ["Visible", card.restricted ? "not public" : "public"],
  ].filter(([, value]) => value !== "");
  const shown =
    picture === null
      ? '<p class="soft">There is no picture to show.</p>'
      : `<img src="${escapeHtml(picture)}" alt="${escapeHtml(plain(card.name))}" referrerpolicy="no-referrer">`;
  const rows = facts.map(
    ([label = "", value = ""]) => `<dt>${label}</dt><dd>${escapeHtml(plain(value, 200))}</dd>`,
  );
  const forms = [formOf("approved", card.approve), formOf("rejected", card.reject)].join("\n");
  return respondWith(
    problem === null ? 200 : 400,
    "Approve or reject?",
    `${problem === null ? "" : `<p class="problem" role="alert">${escapeHtml(problem)}</p>`}
${shown}
<dl>${rows.join("")}</dl>
${forms}
<p class="soft">Your decision is recorded as ${escapeHtml(recipient)}. This link works once; do not forward it.</p>`,
    picture,
  );
}

function formOf(decision: Decision, consequence: Consequence | null): string {
  if (consequence === null) return "";
  const isDeletion = consequence.does === "delete";
  const id = `reason-${decision}`;
  const reason = isDeletion
    ? `<label for="${id}">Reason (required)</label><input id="${id}" name="reason" required minlength="3" maxlength="500">`
    : "";
  const title = decision === "approved" ? "Approve" : "Reject";
  return `<form method="post"><input type="hidden" name="decision" value="${decision}">
<p>${escapeHtml(wordsOf(decision, consequence))}</p>${reason}<button class="${decision}${isDeletion ? " red" : ""}">${title}${isDeletion ? " and delete" : ""}</button></form>`;
}

/** What a decision causes, in a sentence. */
export function wordsOf(decision: Decision, consequence: Consequence): string {
  switch (consequence.does) {
    case "publish":
      return `The picture is published as ${plain(consequence.as, 200)}.`;
    case "delete":
      return consequence.afterMs > 0
        ? `The picture is deleted from Cloudinary after ${duration(consequence.afterMs)}, unless somebody takes the decision back.`
        : "The picture is deleted from Cloudinary at once. This cannot be undone.";
    case "hold":
      return decision === "approved"
        ? "The picture is approved in Cloudinary. Publishing it waits for an operator."
        : "The picture is rejected in Cloudinary. Deleting it waits for an operator.";
    case "notify":
    case "nothing": {
      const told = consequence.does === "notify" ? " An e-mail is sent about it." : "";
      return decision === "approved"
        ? `The picture is approved in Cloudinary, and can be shown on its products.${told}`
        : `The picture is rejected in Cloudinary, which no longer delivers it.${told}`;
    }
    default:
      return consequence satisfies never;
  }
}

function duration(ms: number): string {
  const hours = Math.round(ms / 3_600_000);
  if (hours >= 1) return `${hours} ${hours === 1 ? "hour" : "hours"}`;
  return `${Math.max(1, Math.round(ms / 60_000))} minutes`;
}

/** A page with a heading and sentences; nothing can be done on it. */
export function noticePage(status: number, title: string, ...sentences: readonly string[]): Response {
  return respondWith(status, title, sentences.map((text) => `<p>${escapeHtml(text)}</p>`).join("\n"), null);
}

const style = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:38rem;padding:1.5rem 1rem 3rem;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25}img{display:block;max-width:100%;max-height:24rem;border-radius:8px;background:light-dark(#e3e8ee,#26303c)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1rem;margin:1.2rem 0}dt{color:light-dark(#5b6675,#a6b2c0)}dd{margin:0}
form{border:1px solid light-dark(#c9d1da,#3a4654);border-radius:8px;padding:.8rem 1rem 1rem;margin:0 0 1rem}form p{margin:0 0 .8rem}
label{display:block;margin:0 0 .25rem}input:not([type=hidden]){font:inherit;width:100%;box-sizing:border-box;padding:.45rem .6rem;margin:0 0 .8rem;border:1px solid light-dark(#8a95a3,#6b7785);border-radius:6px;background:transparent;color:inherit}
button{font:inherit;font-weight:600;padding:.55rem 1.4rem;border-radius:6px;border:1px solid light-dark(#5b6675,#a6b2c0);background:transparent;color:inherit;cursor:pointer}
button.approved{background:#0b5cad;border-color:#0b5cad;color:#fff}button.red{background:#b3261e;border-color:#b3261e;color:#fff}
.soft{color:light-dark(#5b6675,#a6b2c0);font-size:.9rem}.problem{border-left:4px solid #c4352c;padding:.3rem .8rem}
:focus-visible{outline:3px solid light-dark(#0b5cad,#80bdff);outline-offset:2px}`;

const styleHash = createHash("sha256").update(style).digest("base64");

function respondWith(status: number, title: string, body: string, picture: string | null): Response {
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><link rel="icon" href="data:,"><title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main><h1>${escapeHtml(title)}</h1>
${body}</main></body></html>`;
  return new Response(html, { status, headers: headersFor(picture) });
}

function headersFor(picture: string | null): Record<string, string> {
  return {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": [
      "default-src 'none'",
      `style-src 'sha256-${styleHash}'`,
      `img-src data: ${picture === null ? "" : new URL(picture).origin}`.trim(),
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
  };
}
