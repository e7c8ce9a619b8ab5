import { maskedValue } from "../../lib/shared/masked.ts";
import { misunderstood, parseOptions } from "../arguments.ts";
import { columns, printable } from "../output.ts";
import { findReceiver } from "../receiver.ts";
import { answered, recordsOf } from "../records.ts";

export const listUsage = `npm run webhooks -- list   the newest notifications

  --type, --public-id (how it begins), --asset-id, --request-id, --state, --handler
  --since, --until <time>   such as 2026-01-31T12:00:00Z
  --limit <number>          20 unless told, at most 200
  --before <cursor>         the next page, as the end of a page names it
  --url <address>, --json   a receiver elsewhere; for scripts, by npm run -s`;

const text = { type: "string" } as const;
const options = {
  type: text,
  "public-id": text,
  "asset-id": text,
  "request-id": text,
  state: text,
  handler: text,
  since: text,
  until: text,
  limit: { type: "string", default: "20" },
  before: text,
} as const;

/** Returns the exit code. */
export async function list(args: readonly string[], folder: string): Promise<number> {
  const { values, positionals } = parseOptions(args, options, listUsage);
  if (positionals.length > 0) throw misunderstood(`"${positionals.join(" ")}" is no filter`, listUsage);
  const { json, url, ...filters } = values;
  const receiver = findReceiver(folder, url);
  const query = Object.fromEntries(Object.entries(filters).map(([name, value]) => [inApi(name), value]));
  const page = await answered(receiver, recordsOf(receiver).notifications.$get({ query }));
  console.log(json ? JSON.stringify(maskedValue(page), null, 2) : tellPage(page));
  return 0;
}

const inApi = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

interface Page {
  notifications: readonly {
    id: string;
    type: string;
    publicId: string | null;
    receivedAt: string;
    deliveries: readonly { handler: string; state: string }[];
  }[];
  next: string | null;
}

function tellPage({ notifications, next }: Page): string {
  if (notifications.length === 0) return "No notification fits.";
  const rows = notifications.map(({ id, type, publicId, receivedAt, deliveries }) => [
    id,
    receivedAt.slice(0, 19).replace("T", " "),
    printable(type),
    publicId === null ? "-" : cut(printable(publicId)),
    deliveries.map(({ handler, state }) => `${handler} ${state}`).join(", ") || "no delivery",
  ]);
  const more = next === null ? [] : ["", `Older ones: --before ${next}`];
  return [...columns([["id", "received (UTC)", "type", "public id", "deliveries"], ...rows]), ...more].join(
    "\n",
  );
}

/** The end of a public id says more than its folders. */
const cut = (publicId: string): string => (publicId.length > 40 ? `…${publicId.slice(-39)}` : publicId);
