import { existsSync } from "node:fs";
import { join } from "node:path";
import type { StackEnvironment } from "./environment.ts";

export interface ReadyOptions {
  folder: string;
  url: string;
  localUrl: string;
  environment: StackEnvironment;
  /** The channel from which notifications of a real account are fetched; null if they are not fetched. */
  channel: string | null;
}

/** The text that `npm start` prints when everything is ready. */
export function readyBlock({ folder, url, localUrl, environment, channel }: ReadyOptions): string {
  const { localCloudinary, localMail, localChat, localAkeneo, operatorToken } = environment;
  const hasPage = existsSync(join(folder, "dist/index.html"));
  const console = hasPage
    ? [`${url}/#${operatorToken}`, "(this link signs in)"]
    : [
        `${url}/api/notifications`,
        `curl -H "Authorization: Bearer ${operatorToken}" ${url}/api/notifications`,
      ];
  const rows: [string, ...string[]][] = [
    ["Console", ...console],
    ...(localCloudinary
      ? [["Tour", `${localUrl}/`, "links to all pages, and how to make things fail"] as [string, ...string[]]]
      : []),
    ["Hooks", `${url}/webhooks`, `${url}/webhooks/upload, /eager, /moderation, /delete`],
    ["Mailbox", localMail ? `${localUrl}/mailbox` : "sent for real: the provider's API key is set"],
    ["Chats", localChat ? `${localUrl}/chat` : "posted for real: CHAT_WEBHOOKS is set"],
    ["Cloudinary", ...cloudinaryLines({ localUrl, environment, channel })],
    ...(localAkeneo ? [["Akeneo", `${localUrl}/_control/akeneo (emulator)`] as [string, string]] : []),
    [
      "Database",
      environment.databaseUrl === null ? "embedded, in .netlify/db" : "your own: DATABASE_URL is set",
    ],
    ["Log", ".local/netlify-dev.log", "(everything that the platform prints)"],
    ["First try", "npm run simulate -- eager", "in a second shell of this folder"],
    ["Stop", "Ctrl-C", "data is kept; `npm start -- --fresh` deletes it"],
  ];
  const lines = rows.flatMap(([name, ...values]) =>
    values.map((value, index) => `  ${(index === 0 ? name : "").padEnd(12)}${value}`),
  );
  return ["", "  The receiver is ready.", "", ...lines, ""].join("\n");
}

function cloudinaryLines({
  localUrl,
  environment,
  channel,
}: Pick<ReadyOptions, "localUrl" | "environment" | "channel">): [string, ...string[]] {
  const [, ...others] = environment.accounts;
  if (environment.localCloudinary)
    return [
      `${localUrl}/library (emulator; for manual uploads: /widget)`,
      ...others.map(({ cloudName }) => `${localUrl}/clouds/${cloudName}/library (the cloud ${cloudName})`),
    ];
  const names = environment.accounts.map(({ cloudName }) => cloudName).join(", ");
  const real =
    others.length > 0
      ? `the real accounts ${names}: CLOUDINARY_URLS is set, and handlers make changes in them`
      : `the real account ${names}: CLOUDINARY_URL is set, and handlers make changes in it`;
  return channel === null
    ? [real, "its notifications are not fetched (--no-listen)"]
    : [real, `its notifications are fetched from poll://${channel}`, "(not with `npm start -- --no-listen`)"];
}
