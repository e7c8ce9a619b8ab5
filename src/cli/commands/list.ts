import { setTimeout as sleep } from "node:timers/promises";
import { Command, Option } from "@commander-js/extra-typings";
import { deliveryStates } from "../../console/shared/record.ts";
import { examples, instant, jsonOption, urlOption, wholeNumber } from "../command.ts";
import { columns, printable, printJson, printJsonLine, styled, styledState } from "../output.ts";
import { findReceiver, type Receiver } from "../receiver.ts";
import { answered, recordsOf } from "../records.ts";

export const list = new Command("list")
  .summary("list received notifications")
  .description(
    "Lists received notifications, newest first, page by page. The search is that of the console: words, and filters such as type:upload, -state:done, handler:email, since:6h, sku:CHAIR-100, tag:summer and person:ada.",
  )
  .argument("[search...]", "words and filters; put -- before a search that begins with a hyphen")
  .option("--type <type>", "notifications of this type")
  .option("--public-id <prefix>", "whose public id begins with this")
  .option("--asset-id <id>", "about the asset with this id")
  .option("--request-id <id>", "caused by this request to Cloudinary")
  .addOption(new Option("--state <state>", "with a delivery in this state").choices(deliveryStates))
  .option("--handler <name>", "with a delivery for this handler")
  .option(
    "--since <time>",
    "received at this time or later, such as 2026-01-31T12:00:00Z, or 1h for an hour ago",
    instant,
  )
  .option("--until <time>", "received before this time", instant)
  .option("--limit <number>", "number of notifications on a page, at most 200", wholeNumber(1, 200), 20)
  .option("--before <cursor>", "the page after the one that printed this cursor")
  .addOption(
    new Option(
      "--follow",
      "print notifications as they arrive, until Ctrl-C; with --json a line each",
    ).conflicts(["before", "until", "limit"]),
  )
  .addOption(urlOption)
  .addOption(jsonOption)
  .addHelpText(
    "after",
    examples([
      "list garden chair since:1d",
      "list state:failed handler:email,pim",
      "list --state dead --handler email",
      "list --since 1h",
      "list --follow --type upload",
      "list --public-id products/VASE-1 --since 2026-01-31T12:00:00Z --json",
    ]),
  )
  .action(async (search, { url, json = false, limit, follow = false, ...options }) => {
    const receiver = findReceiver(process.cwd(), url);
    const q = search.join(" ").trim();
    const filters = { ...options, ...(q !== "" && { q }) };
    if (follow) return await followList(receiver, filters, json);
    const query = { ...filters, limit: String(limit) };
    const page = await answered(receiver, recordsOf(receiver).notifications.$get({ query }));
    if (json) printJson(page);
    else console.log(describePage(page));
    if (page.search?.since)
      console.error(
        `Notifications received before ${shortTime(page.search.since)} UTC are not searchable yet.`,
      );
  });

/** Each call starts a function under `netlify dev`. */
const followEveryMs = 2_000;

interface Filters {
  since?: string | undefined;
  [name: string]: string | undefined;
}

async function followList(receiver: Receiver, { since, ...filters }: Filters, json: boolean): Promise<never> {
  let from = since ?? new Date().toISOString();
  const seen = new Set<string>();
  for (;;) {
    for (const notification of await newSince(receiver, { ...filters, since: from }, seen)) {
      seen.add(notification.id);
      if (json) printJsonLine(notification);
      else console.log(columns([rowOf(notification)]).join("\n"));
      from = notification.receivedAt;
    }
    await sleep(followEveryMs);
  }
}

/** Oldest first. A burst may fill several pages. */
async function newSince(receiver: Receiver, filters: Filters, seen: ReadonlySet<string>) {
  const found: Page["notifications"][number][] = [];
  for (let before: string | null = null; ; ) {
    const query = { ...filters, limit: "200", ...(before !== null && { before }) };
    const page: Page = await answered(receiver, recordsOf(receiver).notifications.$get({ query }));
    const unseen = page.notifications.filter(({ id }) => !seen.has(id));
    found.push(...unseen);
    before = page.next;
    if (before === null || unseen.length < page.notifications.length) return found.toReversed();
  }
}

const headings = ["id", "received (UTC)", "type", "public id", "deliveries"];

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

function describePage({ notifications, next }: Page): string {
  if (notifications.length === 0)
    return next === null ? "No results." : `No results yet. Search further back: --before ${next}`;
  const rows = notifications.map(rowOf);
  const more = next === null ? [] : ["", `Next page: --before ${next}`];
  return [...columns([headings.map((heading) => styled("bold", heading)), ...rows]), ...more].join("\n");
}

function rowOf({ id, type, publicId, receivedAt, deliveries }: Page["notifications"][number]): string[] {
  return [
    id,
    shortTime(receivedAt),
    printable(type),
    publicId === null ? "-" : cut(printable(publicId)),
    deliveries.map(({ handler, state }) => `${handler} ${styledState(state)}`).join(", ") || "no deliveries",
  ];
}

const shortTime = (instant: string): string => instant.slice(0, 19).replace("T", " ");

/** The end of a public id says more than its folders. */
const cut = (publicId: string): string => (publicId.length > 40 ? `…${publicId.slice(-39)}` : publicId);
