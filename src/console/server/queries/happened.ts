import type { Asset, CloudinaryNotification, Decision } from "../../../lib/notifications/notification.ts";
import { own } from "../../../lib/shared/own.ts";

/** What a notification reports, in a few words that stand beside the asset's name: "2 formats are ready". */
export function happenedIn(content: CloudinaryNotification, { byVisitor }: { byVisitor: boolean }): string {
  switch (content.type) {
    case "upload":
      return uploaded(content, byVisitor);
    case "eager":
      return formats(content.derived);
    case "delete":
    case "delete_by_token":
      return content.assets.length > 1 ? `${content.assets.length} assets deleted` : "Deleted";
    case "rename":
      return `Renamed from ${endOf(content.from)}`;
    case "moderation":
    case "moderation_summary":
      return decided(content.decisions.at(-1));
    case "info":
      return analysed(content.info);
    case "resource_tags_changed":
      return changed("Tags", [
        ...signed(
          "+",
          content.changes.flatMap((change) => change.added),
        ),
        ...signed(
          "−",
          content.changes.flatMap((change) => change.removed),
        ),
      ]);
    case "resource_context_changed":
      return changed("Context", [
        ...content.changes.flatMap(({ set }) => Object.keys(set)),
        ...signed(
          "−",
          content.changes.flatMap((change) => change.removed),
        ),
      ]);
    case "resource_metadata_changed":
      return changed(
        "Metadata",
        content.changes.flatMap(({ previous, next }) => differing(previous ?? {}, next ?? {})),
      );
    case "resource_display_name_changed": {
      const [name] = content.changes.flatMap(({ previous }) => previous ?? []);
      return name === undefined ? "Display name changed" : `Display name changed from ${name}`;
    }
    case "access_control_changed":
      return "Access changed";
    case "move": {
      const [folder] = content.changes.flatMap(({ next }) => next ?? []);
      return folder === undefined ? "Moved" : `Moved to ${folder || "Home"}`;
    }
    case "create_folder":
      return `Folder ${content.folder.path} created`;
    case "delete_folder":
      return `Folder ${content.folder.path} deleted`;
    case "move_or_rename_asset_folder":
      return `Folder ${content.from} is now ${content.to}`;
    case "sprite":
      return `Sprite of ${count(content.images.length, "picture")} is ready`;
    case "explode":
      return `${count(content.images.length, "page")} ready`;
    case "multi":
      return "Animation is ready";
    case "generate_archive":
      return content.files === undefined
        ? "Archive is ready"
        : `Archive is ready, ${count(content.files, "file")}`;
    case "publish":
      return "Published";
    case "restore_asset_version":
      return "Earlier version restored";
    case "related_assets":
      return "Related assets changed";
    case "proof_status_changed":
      return `Proof is now ${spaced(content.proof.next)}`;
    case "analyze":
      return content.error ? "Analysis failed" : "Analysis is complete";
    case "bulk_refresh_auto_fetch":
      return "Fetched assets refreshed";
    case "invalidate_custom_cdn":
      return "Custom CDN invalidated";
    case "report":
      return "Report is ready";
    case "error":
      return content.isUpload ? "Upload failed" : "Cloudinary reported an error";
    case "unreadable":
      return "Could not be read";
    case "custom":
      return "Custom notification";
    case "all":
      return "Notification";
    case "unknown":
      return sentence(spaced(content.name));
    default:
      return content satisfies never;
  }
}

/** For a body that was not read, or does not match its schema. */
export const happenedOfType = (type: string): string => sentence(spaced(type));

type Of<T extends CloudinaryNotification["type"]> = Extract<CloudinaryNotification, { type: T }>;

function uploaded({ decisions, existing }: Of<"upload">, byVisitor: boolean): string {
  const how = `${existing ? "Uploaded again" : "Uploaded"}${byVisitor ? " by a visitor" : ""}`;
  if (decisions.some(({ status }) => status === "rejected")) return `${how}, rejected`;
  const waits = decisions.some(({ status }) => status === "pending" || status === "queued");
  return waits ? `${how}, waits for moderation` : how;
}

function formats(derived: Of<"eager">["derived"]): string {
  const of = (kind: string) => derived.filter((entry) => entry.kind === kind).length;
  const [ready, failed] = [of("ready"), of("failed")];
  const total = ready + failed;
  if (total === 0) return "Formats are being generated";
  if (failed > 0) return `${failed} of ${count(total, "format")} failed`;
  return `${count(ready, "format")} ${ready === 1 ? "is" : "are"} ready`;
}

const moderators = new Map([
  ["manual", "a person"],
  ["aws_rek", "Amazon Rekognition"],
  ["aws_rek_video", "Amazon Rekognition"],
  ["google_video_moderation", "Google AI"],
  ["webpurify", "WebPurify"],
  ["perception_point", "Perception Point"],
  ["metascan", "MetaDefender"],
  ["duplicate", "duplicate detection"],
  ["summary", "moderation"],
]);

function decided(decision: Decision | undefined): string {
  if (decision === undefined) return "Moderation";
  const by = moderators.get(decision.kind) ?? decision.kind;
  if (decision.status === "approved" || decision.status === "rejected")
    return `${sentence(decision.status)} by ${by}`;
  return decision.status === "pending" || decision.status === "queued"
    ? "Waits for moderation"
    : `Moderation ended: ${spaced(decision.status)}`;
}

const addOns = new Map<string, string>([
  ["cloudinary_ai", "Background removal"],
  ["google_video_tagging", "Video tagging"],
]);

function analysed(info: Of<"info">["info"]): string {
  const what = info.kind === "other" ? sentence(spaced(info.name)) : (addOns.get(info.kind) ?? "Analysis");
  if (["pending", "processing", "queued"].includes(info.status)) return `${what} is running`;
  if (info.status !== "complete") return `${what} failed`;
  return info.kind === "cloudinary_ai" ? "Background removed" : `${what} is complete`;
}

function signed(sign: string, names: readonly string[]): string[] {
  return [...new Set(names)].map((name) => `${sign} ${name}`);
}

const maxNamed = 3;

function changed(what: string, names: readonly string[]): string {
  const distinct = [...new Set(names)];
  if (distinct.length === 0) return `${what} changed`;
  const more = distinct.length > maxNamed ? ` and ${distinct.length - maxNamed} more` : "";
  return `${what} changed: ${distinct.slice(0, maxNamed).join(", ")}${more}`;
}

function differing(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => JSON.stringify(own(before, key)) !== JSON.stringify(own(after, key)),
  );
}

/** The display name, else the alternative text, the file name, or the end of the public id. */
export function nameOfAsset(asset: Asset, fileName: string | null): string | null {
  return (
    asset.display_name ||
    (asset.context === undefined ? null : own(asset.context, "alt")) ||
    fileName ||
    (asset.public_id === undefined ? null : endOf(asset.public_id))
  );
}

/** The file name of an upload, with its extension. */
export function fileNameIn(content: CloudinaryNotification): string | null {
  if (content.type !== "upload" || !content.body.original_filename) return null;
  const { original_filename: name, format } = content.body;
  return format && !name.toLowerCase().endsWith(`.${format.toLowerCase()}`) ? `${name}.${format}` : name;
}

export const endOf = (publicId: string): string => publicId.split("/").at(-1) || publicId;

const count = (n: number, singular: string) => `${n} ${n === 1 ? singular : `${singular}s`}`;
const spaced = (text: string) => text.replaceAll("_", " ");
const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
