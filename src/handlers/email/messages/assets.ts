import type { NotificationOf } from "../../../lib/notifications/notification.ts";
import type { Fact, Message } from "../compose/message.ts";
import {
  aboutOf,
  assetFacts,
  circumstances,
  count,
  failures,
  lines,
  nameOf,
  readyFiles,
} from "./formatting.ts";
import { requestOf, requestOfDerived } from "./message-picture.ts";

/** null while all formats are still being processed: another notification follows. */
export function eagerMessage(content: NotificationOf<"eager">): Message | null {
  const { derived, assets } = content;
  const ready = readyFiles(derived);
  const failed = failures(derived);
  const name = nameOf(assets[0]);
  const total = ready.length + failed.length;
  if (total === 0) return null;
  const formats = count(total, "format");
  const headline =
    failed.length === 0
      ? `${formats} of ${name} ${total === 1 ? "is" : "are"} ready`
      : `${failed.length} of ${formats} of ${name} failed`;
  return {
    tone: failed.length > 0 ? "bad" : "good",
    label: "Eager transformations",
    headline,
    lead: lead(ready.length, failed.length),
    picture: requestOfDerived(assets[0], derived),
    failed,
    ready: ready.length > 0 ? { title: "Ready", items: ready } : null,
    facts: [...assetFacts(assets[0]), ...circumstances(content)],
  };
}

function lead(ready: number, failed: number): string {
  if (failed === 0) return "All requested formats are ready.";
  const others = ready === 1 ? "The other format is" : `The other ${ready} are`;
  const rest = ready === 0 ? "No other formats were requested." : `${others} ready.`;
  return `Cloudinary could not generate ${failed === 1 ? "it" : "them"}. The reason is below. ${rest}`;
}

export function uploadMessage(content: NotificationOf<"upload">): Message {
  const { assets, decisions, derived, existing, placeholder } = content;
  const name = nameOf(assets[0]);
  const rejected = decisions.some(({ status }) => status === "rejected");
  const pending = !rejected && decisions.some(({ status }) => status === "pending" || status === "queued");
  const failed = failures(derived);
  const ready = readyFiles(derived);
  const happened = existing ? "was uploaded again" : "was uploaded";
  return {
    tone: rejected || failed.length > 0 ? "bad" : pending ? "attention" : "good",
    label: "Upload",
    headline: `${name} ${rejected ? "was uploaded and rejected" : pending ? `${happened} and awaits a decision` : happened}`,
    lead: rejected
      ? "It was rejected by moderation, so Cloudinary does not deliver it."
      : pending
        ? "It waits for your decision."
        : "It is available in the Media Library.",
    picture: rejected || placeholder ? null : requestOf(assets[0], pending),
    failed,
    ready: ready.length > 0 ? { title: "Ready", items: ready } : null,
    facts: [...assetFacts(assets[0]), ...circumstances(content)],
  };
}

export function deletionMessage(content: NotificationOf<"delete" | "delete_by_token">): Message {
  const { assets } = content;
  return {
    tone: "plain",
    label: "Delete",
    headline: `${aboutOf(assets)} ${assets.length === 1 ? "was" : "were"} deleted`,
    lead: `Pages may still show ${assets.length === 1 ? "it" : "them"} until caches expire.`,
    picture: null,
    failed: [],
    ready: null,
    facts: [...assetList(assets), ...circumstances(content)],
  };
}

export function renameMessage(content: NotificationOf<"rename">): Message {
  const from = nameOf({ identity: "", public_id: content.from });
  return {
    tone: "plain",
    label: "Rename",
    headline: `${from} was renamed to ${nameOf(content.assets[0])}`,
    lead: "URLs with the old public id no longer work.",
    picture: requestOf(content.assets[0]),
    failed: [],
    ready: null,
    facts: [
      { label: "Old public id", value: content.from },
      ...assetFacts(content.assets[0]),
      ...circumstances(content),
    ],
  };
}

export function assetList(assets: NotificationOf<"delete">["assets"]): Fact[] {
  return assets.length === 1 ? assetFacts(assets[0]) : lines("Assets", assets.map(nameOf));
}
