import { randomUUID } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { Command } from "@commander-js/extra-typings";
import { explainNotification, explainPublicId, type SkuExplanation } from "../../handlers/pim/explain-sku.ts";
import { parse } from "../../lib/notifications/parse.ts";
import { settings } from "../../settings.ts";
import { examples, jsonOption } from "../command.ts";
import { columns, printable, printJson } from "../output.ts";
import { UserError } from "../user-error.ts";

export const sku = new Command("sku")
  .summary("show which SKU and role a notification or public ID has, and why")
  .description(
    "Applies `pim.sources` and the other settings in src/settings.ts to a body or a public ID, and prints the products, and what each " +
      "source says, in order of priority. Reads only this folder: what earlier notifications said about the asset is not considered.",
  )
  .argument(
    "<body-or-public-id>",
    "file with the body of a notification, - for standard input, or a public ID",
  )
  .addOption(jsonOption)
  .addHelpText(
    "after",
    examples([
      "sku notification.json",
      "sku products/VASE-1/main_kj3h2k",
      "show 0b9f0c2e-5d1f-4b8a-9c57-2f1f6f3a7d10 --body | npx webhooks sku -",
    ]),
  )
  .action(async (given, { json = false }) => {
    const isBody = given === "-" || (existsSync(given) && !statSync(given).isDirectory());
    const explanations = isBody
      ? explainBody(await (given === "-" ? buffer(process.stdin) : readFile(given)))
      : [explainPublicId(given, settings.pim)];
    if (json) printJson(explanations);
    else console.log(explanations.map(described).join("\n\n"));
  });

function explainBody(body: Uint8Array): SkuExplanation[] {
  const parsed = parse(body, null);
  if (!parsed.ok) {
    const issues = parsed.issues.map(({ path, message }) => `  ${path}: ${message}`);
    throw new UserError(["The body is not a valid notification:", ...issues].join("\n"));
  }
  const now = new Date();
  const found = explainNotification(
    {
      id: randomUUID(),
      receivedAt: now,
      signedAt: now,
      source: "webhook",
      cloud: null,
      byPublicHook: false,
      content: parsed.notification,
    },
    settings.pim,
  );
  if (found.length === 0) throw new UserError("Notifications of this type name no assets of products.");
  return found;
}

const outcomes = {
  used: "used",
  "lower-priority": "not used: a source above has an SKU",
  "no-sku": "no SKU",
  "not-in-body": "not in the body",
  outside: "not used: the asset is outside its folders (within)",
  list: "not used: looks like a list of SKUs (pim.skuLists)",
  conflict: "not used: several SKUs (pim.severalSkus)",
} as const satisfies Record<SkuExplanation["sources"][number]["outcome"], string>;

function described({ asset, products, sources, untrusted, gate }: SkuExplanation): string {
  const rows = sources.map(({ source, skus, role, position, outcome }) => [
    printable(source.length > 40 ? `${source.slice(0, 39)}…` : source),
    printable(skus.join(" ")) || "-",
    printable([role ?? "", position ?? ""].join(" ").trim()) || "-",
    outcomes[outcome],
  ]);
  return [
    printable(asset),
    ...(products.length === 0 ? ["  no product"] : []),
    ...products.map(({ sku, role, position }) =>
      printable(`  SKU ${sku}, role ${role}${position === null ? "" : `, position ${position}`}`),
    ),
    ...(untrusted ? ["  not assigned yet: uploaded by a visitor (pim.untrusted)"] : []),
    ...(gate !== null && !gate.open
      ? [printable(`  not assigned yet: ${gate.field} is ${gate.value ?? "not in the body"} (pim.gate)`)]
      : []),
    "",
    ...columns([["source", "SKU", "role", "result"], ...rows]).map((line) => `  ${line}`),
  ].join("\n");
}
