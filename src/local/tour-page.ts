import { escaped, page } from "./cloudinary/pages/page.ts";
import { localTime } from "./local-time.ts";

/** What the page at `/` of the local services links to. */
export interface Tour {
  /** Base URL of the receiver. */
  url: string;
  /** Other pages of emulators, such as a chat. */
  more?: readonly TourEntry[];
}

export interface TourEntry {
  name: string;
  href: string;
  text: string;
}

export interface ActiveFault {
  service: string;
  what: string;
  until: number | null;
}

/** The services' own pages, the receiver's, the commands to begin with, and those that make something fail. */
export function tourPage({ url, more = [] }: Tour, active: readonly ActiveFault[]): Response {
  const receiver: TourEntry[] = [
    {
      name: "Console",
      href: `${url}/`,
      text: "every notification with its outcome, and what needs you. The link that npm start prints signs in.",
    },
    { name: "Moderation", href: `${url}/console/moderation`, text: "pictures that wait for a decision" },
    { name: "Products", href: `${url}/console/products`, text: "the pictures of each product" },
    {
      name: "Upload Widget",
      href: `${url}/api/upload-widget`,
      text: "uploads as a visitor of your shop would make them",
    },
  ];
  const services: TourEntry[] = [
    {
      name: "Library",
      href: "/library",
      text: "the assets of the Cloudinary emulator: upload, approve, delete",
    },
    { name: "Widget", href: "/widget", text: "an unsigned upload, without the receiver's page around it" },
    { name: "Mailbox", href: "/mailbox", text: "the e-mails that the receiver sent" },
    { name: "Chats", href: "/chat", text: "its messages in Slack, Microsoft Teams and Discord" },
    ...more,
  ];
  return page(
    "Local services",
    `<p>These services run on this machine, and only for it.</p>
<h2>The receiver</h2>${list(receiver)}
<h2>The services that it uses, emulated</h2>${list(services)}
<h2>Make something happen</h2>
<p>In a shell of this folder:</p>
${commands([
  ["npm run simulate -- eager", "sends a notification about a picture of the product VASE-1"],
  ["npm run simulate -- moderation", "approves a picture, which is then published"],
  ["npm run demo", "plays every flow, from a sprite to a reviewed background removal"],
])}
<h2>Make something fail</h2>
${commands([
  ["npm run webhooks -- fault email 500 --for 1m", "e-mails are retried"],
  ["npm run webhooks -- fault email 401", "e-mails fail permanently, under “Failed”"],
  ["npm run webhooks -- fault email hang --times 1", "an e-mail with an unknown outcome, under “On hold”"],
  [
    "npm run webhooks -- fault chat 404 --times 1",
    "a chat webhook is revoked: its delivery fails permanently",
  ],
  ["npm run webhooks -- fault cloudinary 420 --for 1m", "decisions wait for the rate limit"],
  [
    "npm run webhooks -- fault database away --for 20s",
    "notifications are answered with 503, and sent again",
  ],
  ["npm run webhooks -- fault --clear", "ends all faults"],
])}
${faultList(active)}`,
  );
}

const list = (entries: readonly TourEntry[]): string =>
  `<ul>${entries.map(({ name, href, text }) => `<li><a href="${escaped(href)}">${escaped(name)}</a>: ${escaped(text)}</li>`).join("\n")}</ul>`;

const commands = (lines: readonly [command: string, effect: string][]): string =>
  `<ul>${lines.map(([command, effect]) => `<li><code>${escaped(command)}</code>: ${escaped(effect)}</li>`).join("\n")}</ul>`;

function faultList(active: readonly ActiveFault[]): string {
  if (active.length === 0) return "<p>No faults are active.</p>";
  const items = active.map(
    ({ service, what, until }) =>
      `<li>${escaped(service)}: ${escaped(what)}${until === null ? "" : ` until ${escaped(localTime(new Date(until).toISOString()))}`}</li>`,
  );
  return `<p><b>Active faults:</b></p><ul>${items.join("")}</ul>`;
}
