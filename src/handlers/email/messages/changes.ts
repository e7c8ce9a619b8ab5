import type { AccessRule, Asset, Change, NotificationOf } from "../../../lib/notifications/notification.ts";
import { own } from "../../../lib/shared/own.ts";
import type { Fact, Message } from "../compose/message.ts";
import { plainJson } from "../compose/sanitize.ts";
import { aboutOf, assetFacts, circumstances, facts, instant, lines, nameOf } from "./formatting.ts";
import { requestOf } from "./message-picture.ts";

type Changed = NotificationOf<
  | "resource_tags_changed"
  | "resource_context_changed"
  | "resource_metadata_changed"
  | "resource_display_name_changed"
  | "access_control_changed"
  | "move"
>;

/** The message about changed assets, with the previous and new values. */
export function changesMessage(content: Changed): Message {
  const { assets } = content;
  const [only] = assets.length === 1 ? assets : [];
  const { label, headline, lead, told } = tell(content);
  const said = told[0]?.facts ?? [];
  return {
    tone: "plain",
    label,
    headline,
    lead,
    picture: requestOf(only),
    failed: [],
    ready: null,
    facts: only
      ? [...said, ...assetFacts(only).filter((fact) => !isSaid(fact, said)), ...circumstances(content)]
      : [...lines("Assets", told.map(lineOf)), ...circumstances(content)],
  };
}

/** The asset already has the new name or folder, so it would appear twice. */
function isSaid({ value }: Fact, said: readonly Fact[]): boolean {
  return said.some((fact) => fact.label === "Now" && fact.value === value);
}

interface Told {
  asset: Asset;
  facts: Fact[];
}

function tell(content: Changed): Pick<Message, "label" | "headline" | "lead"> & { told: Told[] } {
  const about = aboutOf(content.assets);
  switch (content.type) {
    case "resource_tags_changed":
      return {
        label: "Tags",
        headline: `Tags of ${about} changed`,
        lead: "The added and removed tags are listed below.",
        told: content.changes.map(({ asset, added, removed }) => ({
          asset,
          facts: facts({ Added: added.join(", "), Removed: removed.join(", ") }),
        })),
      };
    case "resource_context_changed":
      return {
        label: "Contextual metadata",
        headline: `Contextual metadata of ${about} changed`,
        lead: "The set and removed keys are listed below.",
        told: content.changes.map(({ asset, set, removed }) => ({
          asset,
          facts: facts({ Set: pairs(set), Removed: removed.join(", ") }),
        })),
      };
    case "resource_metadata_changed":
      return {
        label: "Structured metadata",
        headline: `Structured metadata of ${about} changed`,
        lead: "The previous and new values are listed below.",
        told: content.changes.map((change) => before(change, pairs)),
      };
    case "resource_display_name_changed": {
      const [name] = content.changes.length === 1 ? content.changes.map(({ next }) => next) : [];
      // Its display name is the new one.
      const publicId = content.assets[0]?.public_id;
      const asset = publicId === undefined ? about : nameOf({ identity: "", public_id: publicId });
      return {
        label: "Display name",
        headline: name
          ? `The display name of ${asset} is now ${nameOf({ identity: "", display_name: name })}`
          : `Display names of ${about} changed`,
        lead: "Public ids and URLs have not changed.",
        told: content.changes.map((change) => before(change, (value) => value)),
      };
    }
    case "access_control_changed":
      return {
        label: "Access",
        headline: `Access to ${about} changed`,
        lead: "The previous and new access rules are listed below.",
        told: content.changes.map((change) => before(change, access)),
      };
    case "move": {
      const folders = new Set(content.changes.map(({ next }) => next));
      const [folder] = folders.size === 1 ? folders : [];
      const where =
        folder === undefined || folder === null ? "another folder" : `the folder ${folder || "Home"}`;
      return {
        label: "Move",
        headline: `${about} ${content.assets.length === 1 ? "was" : "were"} moved to ${where}`,
        lead: "The previous and new folders are listed below.",
        told: content.changes.map((change) => before(change, (path) => path || "Home")),
      };
    }
    default:
      return content satisfies never;
  }
}

function before<V>({ asset, previous, next }: Change<V>, inWords: (value: V) => string): Told {
  const say = (value: V | null) => (value === null ? undefined : inWords(value) || "none");
  return { asset, facts: facts({ Before: say(previous), Now: say(next) }) };
}

function pairs(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(
      ([name, value]) =>
        `${name}: ${typeof value === "string" ? value : (plainJson(value, 400) ?? "nested too deeply to be shown")}`,
    )
    .join("; ");
}

function access(rules: readonly AccessRule[]): string {
  return rules.length === 0 ? "everyone" : rules.map(ruleInWords).join("; ");
}

function ruleInWords({ access_type, start, end }: AccessRule): string {
  const who = own({ anonymous: "everyone", token: "anyone with a token" }, access_type) ?? access_type;
  return [who, start && `from ${day(start)}`, end && `until ${day(end)}`].filter(Boolean).join(" ");
}

function day(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : instant(date, "UTC");
}

/** The name of the asset is part of the value, so that it cannot imitate a label. */
function lineOf({ asset, facts: said }: Told): string {
  const changed = said.map(({ label, value }) => `${label.toLowerCase()} ${value}`).join("; ");
  return [nameOf(asset), changed].filter(Boolean).join(": ");
}
