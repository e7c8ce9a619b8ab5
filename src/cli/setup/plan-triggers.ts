import { maxTriggerUrls, type NewTrigger, type Trigger } from "../../lib/cloudinary/triggers.ts";
import { generalHook, hookOf, publicHook } from "../hooks.ts";

/** The triggers that the account should have. */
export interface WantedTriggers {
  /** Origin of the receiver. */
  site: string;
  /** The receiver's earlier origin. */
  movedFrom: string | null;
  /** Event types that are sent to the receiver; `all` is every type. Empty: it is only polled for. */
  types: readonly string[];
  /** undefined: false for new triggers, unchanged for others. */
  additive: boolean | undefined;
  /** The polling channel, if the settings name one. */
  channel: string | null;
}

export type TriggerStep =
  | { action: "create"; trigger: NewTrigger; reason: string }
  | { action: "update"; trigger: Trigger; newUri: string; reason: string }
  | { action: "remove"; trigger: Trigger; reason: string };

export interface TriggerPlan {
  /** In the order in which they are applied. */
  steps: TriggerStep[];
  /** Triggers of this receiver that are not changed, with a note. */
  left: { trigger: Trigger; note: string | null }[];
  /** Triggers of other receivers, which are never changed. */
  others: Trigger[];
  /** Why the plan cannot be applied. */
  problems: string[];
}

/** The URL of a `webhook` trigger; null for other kinds and invalid URLs. */
const addressOf = ({ uri_type, uri }: Trigger): URL | null =>
  uri_type === "webhook" && URL.canParse(uri) ? new URL(uri) : null;

const pathOf = (url: URL): string => url.pathname.replace(/\/+$/, "");

const pollUri = (channel: string): string => `poll://${channel}`;

/** Compares the existing triggers with the wanted ones. Only considers triggers of `site` and `movedFrom`. */
export function planTriggers(existing: readonly Trigger[], wanted: WantedTriggers): TriggerPlan {
  const plan = split(existing, wanted);
  const { types } = wanted;
  for (const type of types) planType(plan, type, wanted);
  const keepsAll = types.includes("all");
  for (const trigger of plan.mine.filter(({ event_type }) => !types.includes(event_type))) {
    const reason = whyUnwanted(types);
    // If a call sets its own URL, only additive triggers fire, so the trigger for all types does not replace this one.
    if (keepsAll && trigger.additive === true && wanted.additive !== true)
      plan.left.push({ trigger, note: "fires in addition to a notification_url of the call" });
    else plan.steps.push({ action: "remove", trigger, reason });
  }
  if (wanted.channel !== null) planChannel(plan, existing, wanted.channel, wanted);
  const { steps, left, others, problems } = plan;
  return { steps, left, others, problems };
}

function whyUnwanted(types: readonly string[]): string {
  if (types.length === 0) return "the receiver is only polled for (--poll-only)";
  return types.includes("all")
    ? "the trigger for all types covers it"
    : `its type is not one of ${types.join(", ")}`;
}

/** Removes every trigger of the receiver. */
export function planRemoval(existing: readonly Trigger[], wanted: WantedTriggers): TriggerPlan {
  const { mine, left, others, steps } = split(existing, wanted);
  const earlier = steps.flatMap((step) => (step.action === "create" ? [] : [step.trigger]));
  const channel = existing.filter(({ uri }) => wanted.channel !== null && uri === pollUri(wanted.channel));
  const all = [...mine, ...left.map(({ trigger }) => trigger), ...earlier, ...channel];
  return {
    steps: all.map((trigger) => ({ action: "remove", trigger, reason: "--remove" })),
    left: [],
    others: others.filter((trigger) => !channel.includes(trigger)),
    problems: [],
  };
}

interface Draft extends TriggerPlan {
  /** The triggers of this receiver, at its current or earlier address, for its own hooks. */
  mine: Trigger[];
}

function split(existing: readonly Trigger[], wanted: WantedTriggers): Draft {
  const hosts = [wanted.site, wanted.movedFrom].flatMap((origin) =>
    origin === null ? [] : new URL(origin).host,
  );
  const mine: Trigger[] = [];
  const draft: Draft = { steps: [], left: [], others: [], problems: [], mine };
  for (const trigger of existing) {
    const url = addressOf(trigger);
    if (url === null || !hosts.includes(url.host)) draft.others.push(trigger);
    else if (pathOf(url) !== publicHook) mine.push(trigger);
    else if (url.host === new URL(wanted.site).host)
      draft.left.push({ trigger, note: "what it sends counts as uploaded by visitors" });
    else draft.steps.push(moved(trigger, `${wanted.site}${publicHook}`));
  }
  return draft;
}

const moved = (trigger: Trigger, newUri: string): TriggerStep => ({
  action: "update",
  trigger,
  newUri,
  reason: "points at an earlier address",
});

function planType(plan: Draft, type: string, wanted: WantedTriggers): void {
  const candidates = plan.mine.filter(({ event_type }) => event_type === type);
  const usable = candidates.filter((trigger) => whyUnusable(trigger, wanted) === null);
  const kept = usable.find((trigger) => fits(trigger, type, wanted)) ?? usable[0];
  // Removed before others are created or moved, because the same type and URI cannot exist twice.
  for (const trigger of candidates.filter((candidate) => candidate !== kept)) {
    const reason = whyUnusable(trigger, wanted) ?? "this type is sent here twice";
    plan.steps.push({ action: "remove", trigger, reason });
  }
  const uri = `${wanted.site}${hookOf(type)}`;
  if (kept === undefined) {
    const additive = wanted.additive ?? candidates.some((candidate) => candidate.additive === true);
    requireRoom(plan, type);
    plan.steps.push({
      action: "create",
      trigger: { uri, uriType: "webhook", eventType: type, additive, authScheme: "default" },
      reason: candidates.length > 0 ? "replaces the removed one" : "missing",
    });
  } else if (fits(kept, type, wanted)) plan.left.push({ trigger: kept, note: noteOn(kept) });
  else if (addressOf(kept)?.host === new URL(wanted.site).host)
    plan.steps.push({ action: "update", trigger: kept, newUri: uri, reason: "no hook has this address" });
  else plan.steps.push(moved(kept, uri));
}

function requireRoom({ mine, others, steps, problems }: Draft, type: string): void {
  const removed = new Set(steps.flatMap((step) => (step.action === "remove" ? [step.trigger] : [])));
  const left = [...others, ...mine].filter((trigger) => trigger.event_type === type && !removed.has(trigger));
  const urls = new Set(left.map(({ uri }) => uri)).size;
  if (urls >= maxTriggerUrls)
    problems.push(
      `Event type ${type} has ${urls} notification URLs, and Cloudinary allows ${maxTriggerUrls}. Remove one that is no longer used.`,
    );
}

/** Whether it already points at a hook for this type. */
function fits(trigger: Trigger, type: string, { site }: WantedTriggers): boolean {
  const url = addressOf(trigger);
  return url !== null && url.origin === site && [generalHook, hookOf(type)].includes(pathOf(url));
}

/** Only the URI of a trigger can be changed; any other problem requires a new one. */
function whyUnusable(trigger: Trigger, { additive }: WantedTriggers): string | null {
  if (trigger.auth_scheme === "eddsa_v2")
    return "auth_scheme eddsa_v2 sends no signature that the receiver can verify";
  if (trigger.payload_template) return "payload_template replaces the body that the receiver reads";
  if (additive !== undefined && (trigger.additive ?? false) !== additive)
    return `additive is to be ${additive}`;
  return null;
}

const noteOn = ({ filter }: Trigger): string | null =>
  filter ? "has a filter: some notifications are not sent" : null;

function planChannel(
  plan: Draft,
  existing: readonly Trigger[],
  channel: string,
  { additive }: WantedTriggers,
): void {
  const uri = pollUri(channel);
  const there = existing.find((trigger) => trigger.uri === uri && trigger.event_type === "all");
  if (there === undefined) {
    const trigger: NewTrigger = { uri, uriType: "poll", eventType: "all", additive: additive ?? false };
    plan.steps.push({ action: "create", trigger, reason: "polling (settings.receive.polling)" });
    return;
  }
  plan.others = plan.others.filter((trigger) => trigger !== there);
  plan.left.push({ trigger: there, note: "polling (settings.receive.polling)" });
}
