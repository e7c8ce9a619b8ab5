import { escaped, page } from "../cloudinary/pages/page.ts";
import { localTime } from "../local-time.ts";

export interface ForwardedMessage {
  /** The queue, the bus, or the HTTP target. */
  target: string;
  kind: "sqs" | "eventbridge" | "http";
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  facts: Readonly<Record<string, string>>;
  body: string;
}

const kinds = { sqs: "Amazon SQS", eventbridge: "Amazon EventBridge", http: "HTTP" };
const maxShown = 50;
const maxBody = 20_000;

/** The messages of each target, newest first. */
export function queuesPage(messages: readonly ForwardedMessage[]): Response {
  const targets = Map.groupBy(messages, ({ kind, target }) => `${kinds[kind]}: ${target}`);
  const sections = [...targets].map(([name, some]) => {
    const shown = some.toReversed().slice(0, maxShown).map(messageHtml).join("\n");
    return `<h2>${escaped(name)} (${some.length})</h2>\n${shown}`;
  });
  const empty = `<p>Nothing was forwarded yet. Name a target in <code>forward.targets</code> of <code>src/settings.ts</code>, and <code>"forward"</code> in <code>routes</code> (docs/forwarding.md). Queues and buses need not be created here.</p>`;
  return page(
    "Forwarded messages",
    `<p>What the handler <code>forward</code> sent, until the next start. <a href="/">Local services</a></p>
${sections.length === 0 ? empty : sections.join("\n")}`,
  );
}

function messageHtml({ id, at, facts, body }: ForwardedMessage): string {
  const time = new Date(at).toISOString();
  const about = Object.entries(facts).map(([name, value]) => `${name}: ${value}`);
  return `<details class="card"><summary><time datetime="${time}">${escaped(localTime(time))}</time> ${escaped(titleOf(body))}</summary>
<small>${[`id: ${id}`, ...about].map(escaped).join(" · ")}</small><pre style="white-space:pre-wrap">${escaped(indented(body).slice(0, maxBody))}</pre></details>`;
}

/** The type and the public id, in any of the forms that `forward` sends. */
function titleOf(body: string): string {
  const json = parsed(body);
  const inner = objectOf(json.data) ?? objectOf(json.body) ?? json;
  return [inner.notification_type, inner.public_id].filter((part) => typeof part === "string").join(" ");
}

function indented(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function parsed(body: string): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(body)) ?? {};
  } catch {
    return {};
  }
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> | null =>
  typeof value === "object" && value !== null ? { ...value } : null;
