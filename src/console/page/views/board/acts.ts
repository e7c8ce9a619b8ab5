import { own } from "../../../../lib/shared/own.ts";
import type { Consequence } from "../../../shared/moderation.ts";
import { effectTexts } from "../../texts/moderation.ts";
import { texts } from "../../texts.ts";
import type { Card } from "./cards.ts";

const words = texts.board;

/** A moderator's action: decides a pending picture (`approve`, `reject`) or ends a held delivery (`release`, `discard`). */
export type Verb = "approve" | "reject" | "release" | "discard";

/** The effect, which determines all labels. */
export type Effect = keyof typeof effectTexts;

export interface Act {
  verb: Verb;
  effect: Effect;
  /** Green: makes the asset public. Red: cannot be undone. */
  tone: "publish" | "delete" | "quiet";
  /** One sentence that describes the effect. */
  sentence: string;
  /** Deletes the asset, or overrides a decision or the rule that stopped it. */
  needsReason: boolean;
  /** Cannot be undone. */
  final: boolean;
  /** It can be taken back afterwards. */
  undo: boolean;
}

/** The actions of a card: first the one that publishes or keeps it (key A), then the one that hides or deletes it (key R). */
export function actsOn(card: Card): Act[] {
  if (card.deliveryId === null)
    return card.approve === null || card.reject === null
      ? []
      : [actOf(card, "approve"), actOf(card, "reject")];
  const both = [actOf(card, "release"), actOf(card, "discard")];
  return card.release?.does === "delete" ? both.toReversed() : both;
}

function actOf(card: Card, verb: Verb): Act {
  const consequence = verb === "discard" ? null : card[verb];
  const effect = effectOf(card, verb, consequence);
  return {
    verb,
    effect,
    tone: effect === "publish" || effect === "delete" ? effect : "quiet",
    sentence: sentenceOf(effect, verb, consequence),
    needsReason: effect === "delete" || verb === "release" || verb === "discard",
    final: isFinal(consequence),
    undo: (verb === "approve" || verb === "reject") && !isFinal(consequence),
  };
}

/** An immediate deletion leaves no time to reconsider. */
const isFinal = (consequence: Consequence | null): boolean =>
  consequence?.does === "delete" && consequence.afterMs === 0;

function effectOf(card: Card, verb: Verb, consequence: Consequence | null): Effect {
  if (consequence?.does === "publish") return "publish";
  if (consequence?.does === "delete") return "delete";
  switch (verb) {
    case "approve":
      return card.restricted ? "approve" : "keep-public";
    case "reject":
      return card.restricted ? "hide" : "reject";
    case "release":
      return "check";
    case "discard":
      return card.restricted ? "hide" : "keep";
    default:
      return verb satisfies never;
  }
}

function sentenceOf(effect: Effect, verb: Verb, consequence: Consequence | null): string {
  const { sentence } = words;
  if (consequence?.does === "publish")
    return consequence.as === "" ? sentence.publishNow : sentence.publish(consequence.as);
  if (consequence?.does === "delete")
    return consequence.afterMs === 0 ? sentence.delete : sentence.deleteLater(spanOf(consequence.afterMs));
  if (verb === "discard") return effect === "hide" ? sentence.hide : sentence.keep;
  if (verb === "release") return sentence.check;
  const follows = consequence?.does ?? "nothing";
  if (effect === "approve") return sentence.approve[follows];
  return effect === "keep-public" ? sentence.keepPublic[follows] : sentence.reject[follows];
}

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** A span in its largest whole unit: "10 minutes". */
export function spanOf(ms: number): string {
  const [unit, size] = units.find(([, unitMs]) => ms >= unitMs) ?? units[3];
  return new Intl.NumberFormat("en", { style: "unit", unit, unitDisplay: "long" }).format(
    Math.round(ms / size),
  );
}

export interface Chosen {
  card: Card;
  act: Act;
}

/** The label of the button: one action, several equal ones, or a mixed selection ("Delete 1, keep 2 hidden"). */
export function labelOf(chosen: readonly Chosen[]): string {
  const [first] = chosen;
  if (!first) return "";
  if (chosen.length === 1) return effectTexts[first.act.effect].one(nounOf([first.card], 1));
  const parts = [...Map.groupBy(chosen, ({ act }) => act.effect)].map(([effect, alike]) =>
    effectTexts[effect].many(
      alike.length,
      nounOf(
        alike.map(({ card }) => card),
        alike.length,
      ),
    ),
  );
  return parts
    .map((part, index) => (index === 0 ? part : part.charAt(0).toLowerCase() + part.slice(1)))
    .join(", ");
}

/** "2 are published, 1 is deleted". */
export function followsOf(chosen: readonly Chosen[]): string {
  const parts = [...Map.groupBy(chosen, ({ act }) => act.effect)].map(([effect, alike]) =>
    effectTexts[effect].follows(alike.length),
  );
  return parts.length === 1 && chosen.length > 2 ? words.all(parts[0] ?? "") : parts.join(", ");
}

export function doneOf({ card, act }: Chosen): string {
  return effectTexts[act.effect].done(card.name);
}

function nounOf(cards: readonly Card[], count: number): string {
  const types = new Set(cards.map(({ resourceType }) => resourceType));
  const [only] = types;
  const [singular, plural] = own(words.nouns, types.size === 1 ? (only ?? "image") : "raw") ?? [
    "picture",
    "pictures",
  ];
  return count === 1 ? singular : plural;
}
