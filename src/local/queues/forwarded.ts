import type { AwsKey } from "../rekognition/signature.ts";
import { localQueues } from "./local-queues.ts";
import { type ForwardedMessage, queuesPage } from "./queues-page.ts";

export type Forwarded = ReturnType<typeof forwarded>;

/** The oldest messages are dropped beyond this. */
const maxMessages = 500;

/**
 * What the handler `forward` sends to on this machine: any queue and event bus of AWS by its name, an HTTP receiver at
 * `/queues/http/<target>` that accepts everything, and the page `/queues` with all that came. Nothing is kept over a restart.
 */
export function forwarded(key: AwsKey) {
  const queues = localQueues({ key, queues: "any", buses: "any" });
  const posted: ForwardedMessage[] = [];

  const all = (): ForwardedMessage[] =>
    [
      ...posted,
      ...queues.queueNames().flatMap((name) =>
        queues.messages(name).map(({ messageId, body, group, sentAt }) => ({
          target: name,
          kind: "sqs" as const,
          id: messageId,
          at: sentAt,
          facts: group === null ? {} : { "message group": group },
          body,
        })),
      ),
      ...queues.events.map(({ eventId, bus, source, detailType, detail, resources, at }) => ({
        target: bus,
        kind: "eventbridge" as const,
        id: eventId,
        at,
        facts: { source, "detail type": detailType, resources: resources.join(", ") },
        body: JSON.stringify(detail),
      })),
    ]
      .sort((one, other) => one.at - other.at)
      .slice(-maxMessages);

  return {
    /** Oldest first. */
    messages: all,
    faults: queues.faults,
    async fetch(request: Request): Promise<Response | null> {
      const { pathname } = new URL(request.url);
      if (pathname === "/queues" && request.method === "GET") return queuesPage(all());
      const [, target] = /^\/queues\/http\/([\w.-]+)$/.exec(pathname) ?? [];
      if (target === undefined || request.method !== "POST") return await queues.fetch(request);
      const { headers } = request;
      const id = headers.get("webhook-id") ?? "";
      const signed = headers.has("webhook-signature") ? "yes" : "no";
      const body = await request.text();
      posted.push({ target, kind: "http", id, at: Date.now(), facts: { signed }, body });
      if (posted.length > maxMessages) posted.shift();
      return new Response(null, { status: 204 });
    },
  };
}
