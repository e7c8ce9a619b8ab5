import { randomBytes } from "node:crypto";
import { Arrivals } from "./arrivals.ts";
import { type Cloud, localCloud } from "./cloud.ts";
import type { Flow, FlowResult, Stage } from "./flow.ts";
import { problemOf } from "./problem.ts";
import { type Receiver, receiverApi } from "./receiver.ts";
import type { StackInUse } from "./stack-in-use.ts";
import { tidy } from "./tidy.ts";
import { type View, viewsOf } from "./views.ts";

export interface Played {
  run: string;
  flows: FlowResult[];
  /** What could not be deleted or restored; null if everything was. */
  leftBehind: string | null;
  /** Whether what it made was deleted. */
  isDeleted: boolean;
  /** Where what it made can be looked at; empty if it was deleted. */
  views: View[];
}

export interface PlayOptions {
  stack: StackInUse;
  flows: readonly Flow[];
  /** Whether to delete at the end what the flows made. A stopped run always does. */
  isTidy: boolean;
  say: (line: string) => void;
  signal: AbortSignal;
}

/** Shared by all flows of a run. */
interface Run {
  run: string;
  stack: StackInUse;
  cloud: Cloud;
  receiver: Receiver;
  arrivals: Arrivals;
  tidying: (() => Promise<unknown>)[];
  restoring: (() => Promise<unknown>)[];
  say: (line: string) => void;
  signal: AbortSignal;
}

/** Flows mostly wait. A higher number keeps two cores busy without finishing sooner. */
const sideBySide = 3;

/** Plays the flows, a few at a time. */
export async function play({ stack, flows, isTidy, say, signal }: PlayOptions): Promise<Played> {
  const run = randomBytes(3).toString("hex");
  const cloud = await localCloud(stack);
  const receiver = receiverApi({ url: stack.url, token: stack.token, signal });
  const arrivals = new Arrivals(receiver, signal);
  const shared: Run = { run, stack, cloud, receiver, arrivals, tidying: [], restoring: [], say, signal };
  await ensureTrigger(shared);
  const results = new Map<Flow, FlowResult>();
  const waiting = [...flows];
  const lane = async () => {
    for (let flow = waiting.shift(); flow !== undefined && !signal.aborted; flow = waiting.shift())
      results.set(flow, await playOne(flow, shared));
  };
  await Promise.all(Array.from({ length: sideBySide }, lane));
  const played = flows.flatMap((flow) => results.get(flow) ?? []);
  const isDeleted = isTidy || signal.aborted;
  const prefixes = [`demo/${run}/`, `bg-removed/demo/${run}/`];
  return {
    run,
    flows: played,
    leftBehind: await tidy({ ...shared, isTidy: isDeleted, prefixes }),
    isDeleted,
    views: isDeleted ? [] : viewsOf(played, { ...stack, skuOf: (id) => skuOf(run, id) }),
  };
}

const skuOf = (run: string, id: string): string => `DEMO-${run.toUpperCase()}-${id}`;

async function playOne(flow: Flow, shared: Run): Promise<FlowResult> {
  const { id, title } = flow;
  const result: FlowResult = {
    id,
    title,
    sent: [],
    arrived: [],
    done: [],
    ms: 0,
    outcome: "pass",
    problem: null,
  };
  if (typeof flow.play === "string") {
    shared.say(`${id.padEnd(4)}${flow.play}`);
    return { ...result, outcome: "not-yet", problem: flow.play };
  }
  const startedAt = performance.now();
  try {
    await flow.play(stageOf(flow, result, shared));
  } catch (error) {
    Object.assign(result, { outcome: "fail", problem: problemOf(error) });
  }
  result.ms = Math.round(performance.now() - startedAt);
  const how = result.outcome === "pass" ? "passed" : shared.signal.aborted ? "stopped" : "FAILED";
  shared.say(`${id.padEnd(4)}${how}, ${(result.ms / 1_000).toFixed(1)} s`);
  return result;
}

function stageOf({ id }: Flow, result: FlowResult, shared: Run): Stage {
  const { run, stack, cloud, receiver, arrivals, tidying, restoring, signal } = shared;
  const tell = (what: string) => shared.say(`${id.padEnd(4)}${what}`);
  return {
    cloud,
    receiver,
    url: stack.url,
    recipients: stack.recipients,
    signal,
    name: (rest) => `demo/${run}/${id.toLowerCase()}/${rest}`,
    sku: skuOf(run, id),
    sent(what) {
      result.sent.push(what);
      tell(`sent: ${what}`);
    },
    async arrival(wanted) {
      const record = await arrivals.settled(wanted);
      if (result.arrived.every((notification) => notification.id !== record.id)) {
        result.arrived.push({ type: record.type, id: record.id });
        tell(`arrived: ${record.type}`);
      }
      return record;
    },
    done(what) {
      result.done.push(what);
      tell(what);
    },
    tidyBy: (work) => {
      tidying.push(work);
    },
    restoreBy: (work) => {
      restoring.push(work);
    },
  };
}

/** `npm start` creates the trigger; if it was deleted, the run creates one for its duration. */
async function ensureTrigger({ cloud, stack, restoring }: Run): Promise<void> {
  const uri = `${stack.url}/webhooks`;
  const isThere = (await cloud.triggers()).some(
    (trigger) => trigger.event_type === "all" && trigger.uri === uri,
  );
  if (isThere) return;
  await cloud.rest("POST", "triggers", { uri, event_type: "all" });
  restoring.push(async () => {
    const mine = (await cloud.triggers()).find(
      (trigger) => trigger.event_type === "all" && trigger.uri === uri,
    );
    if (mine) await cloud.rest("DELETE", `triggers/${mine.id}`);
  });
}
