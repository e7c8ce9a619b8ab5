import { defineHandler, type HandlerDefinition, type Receiver } from "../../lib/deliveries/define-handler.ts";
import type {
  Handler,
  HandlerContext,
  RecordedNotification,
  Settlement,
} from "../../lib/deliveries/handler.ts";
import { pauseItself } from "../../lib/deliveries/pause.ts";
import { readVariables } from "../../lib/shared/declared-variables.ts";
import { isBelowFolder } from "../../lib/shared/folders.ts";
import type { ForwardSettings, ForwardTarget } from "../../settings.types.ts";
import { messageBody, typeOf } from "./body.ts";
import { eventbridgeTarget } from "./eventbridge.ts";
import { httpTarget } from "./http.ts";
import { circuitBreaker, rateLimit } from "./limits.ts";
import { sqsTarget } from "./sqs.ts";
import type { Send, Sent } from "./target.ts";
import { awsAccount, type ForwardVariables, forwardVariables, secretsOf } from "./variables.ts";

/** In `routes`, it stands for all targets of `forward.targets`, which have the deliveries. */
export const forwardHandler = defineHandler({
  name: "forward",
  environment: forwardVariables,
  handle: async () => ({ kind: "skip", reason: "no-target" }),
});

/** One handler for each target. One that cannot be used holds its deliveries, and the other handlers run. */
export const forwardTargets = ({ targets }: Pick<ForwardSettings, "targets">): HandlerDefinition[] =>
  targets.map(forwardTarget);

/** Why a target cannot be used: its name, or a missing variable. null: it can. */
export function targetProblem(target: ForwardTarget, variables: ForwardVariables): string | null {
  const { name, to } = target;
  const isFifoQueue = to.kind === "sqs" && to.queueUrl.endsWith(".fifo");
  if (!/^[a-z][a-z0-9-]{0,49}(?:\.fifo)?$/.test(name))
    return `${JSON.stringify(name)} cannot be the name of a target`;
  if (isFifoQueue !== name.endsWith(".fifo"))
    return `the name ${name} must end with .fifo exactly if its queue is a FIFO queue`;
  const address = to.kind === "http" ? to.url : to.kind === "sqs" ? to.queueUrl : null;
  if (address !== null && !URL.canParse(address)) return `the address of ${name} is not a URL`;
  if (to.kind === "http")
    return secretsOf(name, variables).length > 0 ? null : `FORWARD_WEBHOOK_SECRETS has no secret for ${name}`;
  const account = awsAccount(variables);
  return typeof account === "string" ? account : null;
}

export function forwardTarget(target: ForwardTarget): HandlerDefinition {
  const name = `forward:${target.name}`;
  return {
    name,
    environment: forwardVariables,
    settings: {},
    start: (receiver) => start(target, name, receiver),
  };
}

function start(target: ForwardTarget, name: string, receiver: Receiver): Handler {
  const { values, problems } = readVariables(forwardVariables, receiver.variables);
  const problem = problems.length > 0 ? problems.join("; ") : targetProblem(target, values);
  const send = problem === null ? sender(target, values, receiver) : null;
  if (send === null)
    return { name, handle: async () => ({ kind: "hold", reason: `not-configured: ${problem}` }) };
  const { timeoutMs, circuit } = receiver.settings.forward;
  const limit = rateLimit(target.maxPerSecond, receiver.settings.deliver.maxWorkers);
  const breaker = circuitBreaker(circuit);
  return {
    name,
    async handle(notification, context) {
      if (receiver.sandbox) return { kind: "skip", reason: "deploy-preview" };
      if (!isMeant(notification, target.when)) return { kind: "skip", reason: "no-rule-matches" };
      const body = await messageBody(notification, target.body, context.db);
      if (typeof body !== "string") return body;
      const until = breaker.openUntil() ?? (await limit.turn(context.signal));
      if (until !== null) return { kind: "wait", until };
      const sent = await send({
        id: context.deliveryId,
        group: context.subject ?? notification.id,
        type: typeOf(notification),
        body,
        signal: AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]),
      });
      breaker.note(sent.kind === "sent" || sent.kind === "refused");
      return await settlementOf(sent, name, context);
    },
  };
}

/** A new kind of target is a file with its `Send`, and a case here. null: a variable is missing. */
function sender({ name, to }: ForwardTarget, variables: ForwardVariables, { config }: Receiver): Send | null {
  const { FORWARD_HTTP_ENDPOINT: emulator } = variables;
  if (to.kind === "http" && emulator !== undefined)
    return httpTarget({
      url: `${emulator}/${name}`,
      secrets: secretsOf(name, variables),
      allowPrivate: true,
    });
  if (to.kind === "http")
    return httpTarget({ url: to.url, secrets: secretsOf(name, variables), allowPrivate: config.local });
  const account = awsAccount(variables);
  if (typeof account === "string") return null;
  switch (to.kind) {
    case "sqs":
      return sqsTarget(account, to.queueUrl);
    case "eventbridge":
      return eventbridgeTarget(account, to);
    default:
      return to satisfies never;
  }
}

/** Whether a target gets the notification. */
export function isMeant(notification: RecordedNotification, when: ForwardTarget["when"] = {}): boolean {
  const { content } = notification;
  const { types, folders, tags, matches } = when;
  return (
    (types === undefined || types.includes(typeOf(notification))) &&
    (folders === undefined ||
      content.assets.some(({ public_id, asset_folder }) =>
        isBelowFolder([`${asset_folder ?? ""}/`, public_id], folders),
      )) &&
    (tags === undefined || content.assets.some((asset) => asset.tags?.some((tag) => tags.includes(tag)))) &&
    (matches === undefined || matches(content))
  );
}

async function settlementOf(sent: Sent, name: string, { db }: HandlerContext): Promise<Settlement> {
  switch (sent.kind) {
    case "sent":
      return { kind: "done", result: sent.result };
    case "try-again":
      return { ...sent, kind: "retry" };
    case "refused":
      return { kind: "give-up", error: sent.error };
    case "misconfigured":
      // Every delivery of the target would fail in the same way: they stay due until an operator resumes it.
      await pauseItself(db, name, sent.error);
      return { kind: "retry", error: sent.error };
    default:
      return sent satisfies never;
  }
}
