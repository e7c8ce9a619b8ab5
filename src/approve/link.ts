import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { CloudinaryNotification } from "../lib/notifications/notification.ts";

/** What a link allows: one decision about one version of an asset, by one recipient. */
export interface ApproveGrant {
  /** A hash of the link: a use is stored under it. */
  id: string;
  assetId: string;
  version: number;
  /** Masked; recorded as who decided. */
  recipient: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

export type LinkReading =
  | { ok: true; grant: ApproveGrant }
  /** `invalid`: it was not signed with the current secret, because it is forged, damaged or revoked. */
  | { ok: false; reason: "invalid" | "expired" };

/** The path of the page. */
export const decidePath = "/decide/";

const format = "1";

/** The end of a link's path: what it allows, signed with the secret. The same input has the same token, so that a repeated mail is the same mail. */
export function signGrant(secret: string, grant: Omit<ApproveGrant, "id">): string {
  const { assetId, version, recipient, expiresAt } = grant;
  const text = JSON.stringify([format, assetId, version, recipient, Math.floor(expiresAt / 1_000)]);
  const payload = Buffer.from(text).toString("base64url");
  return `${payload}.${signatureOf(secret, payload)}`;
}

/** Verifies the signature before anything of the token is read. */
export function readGrant(secret: string, token: string, now: number): LinkReading {
  const [payload = "", signature = "", ...more] = token.length <= 4_000 ? token.split(".") : [];
  if (more.length > 0 || !isEqual(signature, signatureOf(secret, payload)))
    return { ok: false, reason: "invalid" };
  const read: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
  const [version, assetId, assetVersion, recipient, seconds] = Array.isArray(read) ? read : [];
  if (version !== format || typeof seconds !== "number") return { ok: false, reason: "invalid" };
  const expiresAt = seconds * 1_000;
  if (expiresAt <= now) return { ok: false, reason: "expired" };
  const id = createHash("sha256").update(payload).digest("hex").slice(0, 40);
  const grant = {
    id,
    assetId: String(assetId),
    version: Number(assetVersion),
    recipient: String(recipient),
    expiresAt,
  };
  return { ok: true, grant };
}

function signatureOf(secret: string, payload: string): string {
  return createHmac("sha256", secret).update(`approve-link:${payload}`).digest("base64url");
}

function isEqual(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What a message needs to give each of its recipients a link of their own. */
export interface ApproveLinks {
  /** The address with `marker` as the token, for composing. */
  url: string;
  /** Stands in the composed message for the token. Nobody can guess it, so no name in a notification can contain it. */
  marker: string;
  /** `recipient`: masked. */
  tokenFor(recipient: string): string;
}

export interface ApproveOptions {
  /** null: links are off. */
  secret: string | null;
  siteUrl: string | null;
  validMs: number;
}

/** null if links are off, or the notification does not ask a person for a decision. */
export function approveLinks(
  content: CloudinaryNotification,
  about: { deliveryId: string; receivedAt: Date },
  { secret, siteUrl, validMs }: ApproveOptions,
): ApproveLinks | null {
  const [asset, ...others] = content.assets;
  const { asset_id: assetId, version } = asset ?? {};
  if (secret === null || siteUrl === null || others.length > 0) return null;
  if (assetId === undefined || version === undefined || !asksPerson(content)) return null;
  const expiresAt = about.receivedAt.getTime() + validMs;
  if (expiresAt <= Date.now()) return null;
  const marker = `link-${createHmac("sha256", secret).update(`marker:${about.deliveryId}`).digest("hex").slice(0, 24)}`;
  return {
    marker,
    url: new URL(`${decidePath}${marker}`, siteUrl).href,
    tokenFor: (recipient) => signGrant(secret, { assetId, version, recipient, expiresAt }),
  };
}

/** Automatic kinds that are pending decide by themselves. */
function asksPerson(content: CloudinaryNotification): boolean {
  switch (content.type) {
    case "moderation":
    case "moderation_summary": {
      const last = content.decisions.at(-1);
      return last?.status === "pending" && last.kind === "manual";
    }
    case "upload":
      return content.decisions.some(({ status, kind }) => status === "pending" && kind === "manual");
    default:
      return false;
  }
}
