import type { Decision } from "../outside/traffic.ts";
import type { Effect } from "../outside/world.ts";
import type { Records } from "./records.ts";
import type { Figures, Violation } from "./violation.ts";

export interface DecisionsSeen {
  decisions: readonly Decision[];
  pictures: ReadonlyMap<string, { version: number; at: number }[]>;
  effects: readonly Effect[];
  /** The pictures that Cloudinary has at the end, and whether everyone may see them. */
  assets: ReadonlyMap<string, { isPublic: boolean }>;
  maxDeletions: number;
  /** How long the machine paused in this time. */
  stalledMs: (from: number, to: number) => number;
}

/**
 * How long before a call what it rests on may be true: Cloudinary is asked at most a second before (docs/moderation.md), and the question
 * and the call take their time on a busy machine; pauses of the machine come on top.
 */
const graceMs = 2_500;
const longestStallMs = 20_000;

type Standing = Decision["status"] | "undecided";

/** Nothing was deleted or published without a decision that stood, and every decision that stands at the end was carried out. */
export function checkDecisions(seen: DecisionsSeen, records: Records, figures: Figures): Violation[] {
  const violations: Violation[] = [];
  const decisions = byPicture(seen.decisions);
  /** The decision about the version that the picture has then. */
  const standing = (publicId: string, at: number): Standing => {
    const version = seen.pictures.get(publicId)?.findLast((one) => one.at <= at)?.version;
    return (
      decisions.get(publicId)?.findLast((one) => one.at <= at && one.version === version)?.status ??
      "undecided"
    );
  };
  const stoodWithin = (publicId: string, status: Standing, from: number, to: number): boolean => {
    const changes = [...(decisions.get(publicId) ?? []), ...(seen.pictures.get(publicId) ?? [])].map(
      ({ at }) => at,
    );
    const instants = [from, ...changes.filter((at) => at > from && at <= to), to];
    return instants.some((at) => standing(publicId, at) === status);
  };

  let deletions = 0;
  for (const { kind, publicId, calledAt, at, done } of seen.effects) {
    if (!done || !seen.pictures.has(publicId)) continue;
    if (kind === "destroy") deletions += 1;
    const status = kind === "destroy" ? "rejected" : "approved";
    const graceWithStallsMs = graceMs + seen.stalledMs(calledAt - longestStallMs, calledAt);
    if (!stoodWithin(publicId, status, calledAt - graceWithStallsMs, at))
      violations.push({
        invariant: kind === "destroy" ? "deleted-wrongly" : "published-wrongly",
        text: `${publicId} was ${standing(publicId, at)}`,
        about: [publicId],
      });
  }
  if (deletions > seen.maxDeletions)
    violations.push({ invariant: "deletion-cap", text: `${deletions} of ${seen.maxDeletions}`, about: [] });

  const held = heldPictures(records);
  let carriedOut = 0;
  for (const [publicId] of seen.pictures) {
    const asset = seen.assets.get(publicId);
    const end = standing(publicId, Number.POSITIVE_INFINITY);
    // Gone by a call that was checked above: an upload can come while the deletion of the version before is on its way.
    const isDeleted = !asset && deletedAt(seen, publicId) >= (seen.pictures.get(publicId)?.at(-1)?.at ?? 0);
    const isDone =
      end === "rejected" ? !asset : isDeleted || (end === "approved" ? asset?.isPublic === true : !!asset);
    if (isDone && end !== "undecided") carriedOut += 1;
    if (!isDone && !held.has(publicId))
      violations.push({
        invariant: "decision-not-carried-out",
        text: `${publicId} is ${end}, and ${asset ? (asset.isPublic ? "public" : "restricted") : "gone"}`,
        about: [publicId],
      });
  }
  figures.decisions = seen.decisions.length;
  figures.carriedOut = carriedOut;
  figures.deletions = deletions;
  return violations;
}

/** When the picture was deleted last; 0: never. */
const deletedAt = ({ effects }: DecisionsSeen, publicId: string): number =>
  effects.findLast((one) => one.kind === "destroy" && one.done && one.publicId === publicId)?.at ?? 0;

/** Held for a person: the only decisions that may wait at the end. */
function heldPictures({ deliveries, notifications }: Records): Set<string | null> {
  const names = new Map(notifications.map(({ id, publicId }) => [id, publicId]));
  const held = deliveries.filter(({ handler, state }) => handler === "moderation" && state === "held");
  return new Set(held.map(({ notificationId }) => names.get(notificationId) ?? null));
}

function byPicture(decisions: readonly Decision[]): Map<string, Decision[]> {
  const found = new Map<string, Decision[]>();
  for (const one of decisions) found.set(one.publicId, [...(found.get(one.publicId) ?? []), one]);
  return found;
}
