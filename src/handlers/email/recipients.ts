import { createHash } from "node:crypto";
import type { MailAccount } from "../../config.types.ts";
import type { Asset, CloudinaryNotification } from "../../lib/notifications/notification.ts";
import type { EmailRule, EmailSettings } from "../../settings.types.ts";

/** The recipients and sender of the mail about a notification. */
export interface Addressing {
  /** Addresses without names or duplicates; may be empty. */
  to: string[];
  from: string;
  /** The subject pattern of the rule, if any. */
  subject: string | null;
}

/** null when a rule disables the mail. */
export function addressing(
  notification: CloudinaryNotification,
  account: MailAccount,
  { rules }: EmailSettings,
): Addressing | null {
  const rule = rules.find((candidate) => fits(candidate, notification));
  if (rule?.send === false) return null;
  return {
    to: distinct(rule?.to ?? account.to),
    from: rule?.from ?? account.from,
    subject: rule?.subject ?? null,
  };
}

/** Whether a rule of e-mails or chats is about this notification. */
export function fits(
  { types = [], folder }: Pick<EmailRule, "types" | "folder">,
  notification: CloudinaryNotification,
): boolean {
  const type = notification.type === "unknown" ? notification.name : notification.type;
  if (types.length > 0 && !types.includes(type)) return false;
  return folder === undefined || notification.assets.some((asset) => isWithin(asset, folder));
}

function isWithin({ asset_folder, public_id }: Asset, folder: string): boolean {
  const path = `${folder.replace(/^\/+|\/+$/g, "")}/`;
  return `${asset_folder ?? ""}/`.startsWith(path) || (public_id ?? "").startsWith(path);
}

function distinct(recipients: readonly string[]): string[] {
  const addresses = recipients.map((recipient) => /<([^<>]+)>\s*$/.exec(recipient)?.[1] ?? recipient.trim());
  const first = Map.groupBy(addresses, (address) => address.toLowerCase()).values();
  return [...first].flatMap(([address]) => address ?? []);
}

/** All addresses that e-mails can go to, of these accounts and of the rules. */
export function recipientsOf(accounts: readonly (MailAccount | null)[], { rules }: EmailSettings): string[] {
  return distinct([
    ...accounts.flatMap((account) => account?.to ?? []),
    ...rules.flatMap(({ to = [] }) => to),
  ]);
}

const groupPrefix = "to:";

/** The delivery subject shared by all mails to the same recipients, in any order. A hash, so that it reveals no addresses. */
export function groupOf({ to, from }: Addressing): string {
  return `${groupPrefix}${digest([from, ...to.map((address) => address.toLowerCase()).sort()].join("\n"))}`;
}

export function isGroup(subject: string): boolean {
  return subject.startsWith(groupPrefix);
}

/** Identifies a recipient in stored progress without the address. */
export function recipientKey(address: string): string {
  return digest(address.toLowerCase());
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
