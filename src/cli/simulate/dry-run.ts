import { randomUUID } from "node:crypto";
import type { MailAccount } from "../../config.types.ts";
import { compose } from "../../handlers/email/compose/compose.ts";
import { nothingKnown } from "../../handlers/email/known.ts";
import { addressing } from "../../handlers/email/recipients.ts";
import { isMeant } from "../../handlers/forward/handler.ts";
import { actionFor } from "../../handlers/moderation/rules.ts";
import { changesOf } from "../../handlers/pim/changes.ts";
import { explainNotification } from "../../handlers/pim/explain-sku.ts";
import { messageClouds } from "../../lib/cloudinary/accounts.ts";
import type { RecordedNotification } from "../../lib/deliveries/handler.ts";
import { parse } from "../../lib/notifications/parse.ts";
import { own } from "../../lib/shared/own.ts";
import { maskAddress } from "../../lib/shared/redact.ts";
import { settings } from "../../settings.ts";
import type { ForwardTarget } from "../../settings.types.ts";

/** What a handler would do, in words. */
export interface Prediction {
  handler: string;
  text: string;
}

export interface DryRunOptions {
  cloudName: string;
  /** null: not known here. */
  mail: MailAccount | null;
  byPublicHook: boolean;
}

/**
 * What each handler would do with a body, by the settings of this folder. Nothing is sent, and no record is read: what earlier
 * notifications said about the asset is not considered.
 */
export function dryRun(body: Uint8Array, options: DryRunOptions): Prediction[] {
  const parsed = parse(body, null);
  if (!parsed.ok) {
    const issues = parsed.issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
    return [
      {
        handler: "all",
        text: `would fail permanently, because the body does not match its schema: ${issues}`,
      },
    ];
  }
  const now = new Date();
  const notification: RecordedNotification = {
    id: randomUUID(),
    receivedAt: now,
    signedAt: now,
    source: "webhook",
    cloud: options.cloudName,
    byPublicHook: options.byPublicHook,
    content: parsed.notification,
  };
  const handlers = own<readonly string[]>(settings.routes, parsed.notification.type) ?? [];
  return handlers.map((handler) => ({ handler, text: predict(handler, notification, options) }));
}

function predict(handler: string, notification: RecordedNotification, options: DryRunOptions): string {
  if (handler === "email") return mail(notification, options);
  if (handler === "chat")
    return "would post the same message to the chats in CHAT_WEBHOOKS, if there are any";
  if (handler === "forward") return forwarding(notification, settings.forward.targets);
  if (handler === "pim") return products(notification);
  return handler === "moderation" ? decision(notification) : "would run; its effect cannot be predicted";
}

export function forwarding(notification: RecordedNotification, targets: readonly ForwardTarget[]): string {
  const names = targets.filter(({ when }) => isMeant(notification, when)).map(({ name }) => name);
  return names.length === 0
    ? "would send nothing: no target of forward.targets matches"
    : `would send to ${names.join(", ")}`;
}

function mail(notification: RecordedNotification, { mail: account }: DryRunOptions): string {
  const known = account ?? { provider: settings.email.provider, apiKey: "", from: "", to: [], baseUrl: null };
  const addresses = addressing(notification.content, known, settings.email);
  if (addresses === null) return "would be skipped: the settings turn off e-mail for this event";
  const composed = compose(notification, {
    siteUrl: null,
    cloudOf: messageClouds({ ownCloud: notification.cloud }, settings.moderation.ownHosts),
    settings,
    known: nothingKnown,
    subject: addresses.subject,
  });
  if (composed === null) return "would be skipped: nothing to report by e-mail";
  const to =
    addresses.to.length === 0
      ? "the receiver's recipients (TO_RECIPIENTS), if there are any"
      : addresses.to.map(maskAddress).join(", ");
  return `would send "${composed.subject}" to ${to}`;
}

const verbs = {
  put: "would put a picture on",
  fail: "would note a failed picture on",
  remove: "would remove the asset from",
  rename: "would rename the asset on",
  map: "would update the asset on",
};

function products(notification: RecordedNotification): string {
  const changes = changesOf(notification, settings.pim);
  const [change] = changes ?? [];
  if (change === undefined) return "would be skipped: this does not change products";
  const skus = explainNotification(notification, settings.pim).flatMap((asset) =>
    asset.untrusted ? [] : asset.products.map(({ sku }) => sku),
  );
  const more = (changes?.length ?? 1) > 1 ? ` (${changes?.length} changes)` : "";
  return `${verbs[change.kind]} ${skus.length === 0 ? "no product that the body names" : [...new Set(skus)].join(", ")}${more}`;
}

function decision({ content }: RecordedNotification): string {
  const decisions = "decisions" in content ? content.decisions : [];
  const [asset] = content.assets;
  const [last] = decisions.slice(-1);
  if (last === undefined || asset === undefined)
    return "would be skipped: the notification contains no decision";
  const traits = {
    kind: last.kind,
    resourceType: asset.resource_type ?? "image",
    type: asset.type ?? "upload",
    publicId: asset.public_id ?? "",
    assetFolder: asset.asset_folder ?? null,
    tags: asset.tags ?? [],
    backgroundRemoved: false,
  };
  const action = actionFor(last.status, traits, settings.moderation);
  switch (action.do) {
    case "publish":
      return `would publish ${traits.publicId}, unless it is public already (${last.kind}: ${last.status})`;
    case "delete":
      return `would delete ${traits.publicId} (${last.kind}: ${last.status})`;
    case "hold":
      return `would put the decision on hold for an operator (${last.kind}: ${last.status})`;
    default:
      return `would do nothing (${last.kind}: ${last.status})`;
  }
}
