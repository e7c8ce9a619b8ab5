/**
 * Writes docs/notifications.md from the registry and the routes.
 * `npm run generate` runs it; test/lib/notifications/registry.test.ts fails when the file is not what this makes.
 */

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { settings } from "../../settings.ts";
import { own } from "../shared/own.ts";
import { registry } from "./registry.ts";
import { notificationTypes } from "./types.ts";

export const target = fileURLToPath(new URL("../../../docs/notifications.md", import.meta.url));

const others = [
  {
    type: "custom",
    when: "a trigger's own `payload_template` replaced the body: an object without a type",
    carries: "nothing that is known; its fields are in `body`",
  },
  {
    type: "unknown",
    when: "Cloudinary has added a type since; recorded and routed under its own name",
    carries: "`name`",
  },
  {
    type: "unreadable",
    when: "a signed body is not UTF-8, not JSON, or no object",
    carries: "`reason`; no `body`",
  },
];

/** The whole file. */
export function notificationsPage(): string {
  const known = notificationTypes.map((type) => ({ type, ...registry[type] }));
  const rows = [...known, ...others].map(
    ({ type, when, carries }) => `| \`${type}\` | ${when} | ${carries} | ${route(type)} |`,
  );
  return `${head}\n${rows.join("\n")}\n${tail}`;
}

function route(type: string): string {
  const handlers = own(settings.routes, type) ?? [];
  return handlers.length === 0 ? "recorded" : handlers.join(", ");
}

const head = `<!-- Made by src/lib/notifications/table.build.ts: \`npm run generate\`. -->

# Notifications

Every body is recorded as it came, then parsed into one of the types below (\`src/lib/notifications/\`). All of them carry \`body\`,
the JSON as sent, with Cloudinary's spelling and every field that is not described here; \`assets\`, each with an \`identity\`,
what the body says of it, and what only its URL says (resource type, delivery type, version); and where the body has them
\`occurredAt\`, \`triggeredBy\`, \`signatureKey\` and \`requestId\`.

"By default" names the handlers of \`routes\` in \`src/settings.ts\`; *recorded* means shown in the console and nothing more.

| type | sent when | carries besides | by default |
| --- | --- | --- | --- |`;

const tail = `
## What is made regular

| on the wire | for handlers |
| --- | --- |
| \`resources\` as a list, or as an object by public id | \`assets\`, or \`changes\` with one entry per asset |
| a verdict at the top, \`moderation[]\` in an upload, or a summary | \`decisions\`: kind (without a threshold), status, time |
| \`eager[]\` entries with a URL, or with \`status\` and \`reason\` | \`derived\`: \`ready\`, \`failed\` or \`processing\` |
| \`image_infos\` as a list, or as an object by URL | \`images\` |
| \`context\` as \`{custom: {}}\`, flat, \`"a=b\\|c=d"\`, or a list | one flat record |
| \`metadata\` as an object by external id, or a list | one record by external id |
| \`asset_folder\`, or \`folder\` where folders are fixed | \`asset_folder\` |
| no \`asset_id\` (before 2021) | \`identity\` is \`resource_type/type/public_id\` |

A field that must be there and is not, or is of the wrong type, makes the delivery dead with the path of the field;
the notification stays, and can be replayed once the schema is mended. A whole number that JavaScript would round (beyond
2^53) arrives as text: free data keeps its digits, and a field that must be a number refuses it.

## Adding a type

Add its name to \`types.ts\`; it does not compile until \`registry.ts\` has its schema. Then a fixture in \`test/fixtures/notifications/\`
with a line on where its shape is known from, a route in \`src/settings.ts\` or a place in the test's list of types that are only
recorded, and \`npm run generate\`.
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(target, notificationsPage());
