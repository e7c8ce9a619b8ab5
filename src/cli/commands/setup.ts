import { createInterface } from "node:readline/promises";
import { Command, type CommandUnknownOpts, InvalidArgumentError } from "@commander-js/extra-typings";
import { widgetPreset } from "../../lib/cloudinary/presets.ts";
import { isLoopback } from "../../lib/shared/loopback.ts";
import { settings } from "../../settings.ts";
import { type FoundAccount, findAccounts } from "../account.ts";
import { address, examples, jsonOption, wrongUsage } from "../command.ts";
import { printJson } from "../output.ts";
import type { Wanted } from "../setup/plan.ts";
import { runSetup } from "../setup/run.ts";
import { appliedSummary, summary } from "../setup/show.ts";
import { readStackFile } from "../stack-files.ts";
import { UserError } from "../user-error.ts";

export const setup = new Command("setup")
  .summary("create the triggers and the upload preset in your Cloudinary account")
  .description(
    "Configures Cloudinary to send its notifications to your receiver: one trigger for every type, and the unsigned " +
      "upload preset of the console's Upload Widget. Reads the account in CLOUDINARY_URL, shows the changes, asks for " +
      "confirmation, applies them and verifies the result. A second run changes nothing. Only changes triggers that " +
      "point at this receiver, and the preset if its notification_url does.",
  )
  .option(
    "--url <address>",
    "address of the deployed receiver, such as https://hooks.example.com (default: URL from the shell or .env)",
    origin,
  )
  .option("--cloud <name>", "only this account, if CLOUDINARY_URLS names several (default: each of them)")
  .option("--types <list>", "event types, separated by commas (default: all)", types)
  .option(
    "--poll-only",
    "no webhook triggers, only the one for settings.receive.polling, as for a private site",
  )
  .option("--additive", "also send notifications of calls that set their own notification_url")
  .option("--no-additive", "do not send them (default for new triggers; others are not changed)")
  .option("--preset <name>", "name of the upload preset", widgetPreset)
  .option("--no-preset", "do not change upload presets")
  .option("--folder <name>", "folder of the preset (default: unchanged, or visitors)")
  .option("--moderation <kind>", "moderation of the preset (default: unchanged, or manual)")
  .option("--moved-from <address>", "earlier address of the receiver, whose triggers are updated", origin)
  .option("--remove", "remove the triggers of this receiver and its preset instead")
  .option("--dry-run", "show what would change and change nothing")
  .option("-y, --yes", "do not ask for confirmation; required without a terminal and with --json")
  .addOption(jsonOption)
  .addHelpText(
    "after",
    examples([
      "setup --url https://hooks.example.com --dry-run",
      "setup --url https://hooks.example.com --yes",
      "setup --url https://hooks.example.com --moved-from https://my-site.netlify.app",
      "setup --url https://hooks.example.com --remove",
    ]),
  )
  .action(async (options, command: CommandUnknownOpts) => {
    const all = findAccounts(process.cwd(), options.cloud);
    const site =
      options.url ?? all.flatMap((one) => siteOf(one, process.cwd()) ?? [])[0] ?? missingSite(command);
    const { pollOnly = false } = options;
    if (pollOnly && settings.receive.polling.channel === null)
      wrongUsage(command, "--poll-only needs a channel in src/settings.ts (receive.polling.channel)");
    for (const found of all) requireReachable(site, found);
    const wanted: Wanted = {
      triggers: {
        site,
        movedFrom: options.movedFrom ?? null,
        types: pollOnly ? [] : (options.types ?? ["all"]),
        additive: options.additive,
        channel: settings.receive.polling.channel,
      },
      preset:
        options.preset === false || pollOnly
          ? null
          : {
              name: options.preset,
              site,
              movedFrom: options.movedFrom ?? null,
              folder: options.folder,
              moderation: options.moderation,
            },
      remove: options.remove ?? false,
    };
    const { dryRun = false, yes = false, json = false } = options;
    const say = json ? () => undefined : (text: string) => console.log(text);
    const results: object[] = [];
    const problems: string[] = [];
    for (const { account, from } of all) {
      const { cloudName } = account;
      say(`${results.length > 0 ? "\n" : ""}Cloud ${cloudName} (${from}), receiver ${site}\n`);
      const { plan, applied, now, problem } = await runSetup({
        account,
        wanted,
        dryRun,
        say,
        confirm: async (changes) => {
          if (!yes) await ask(changes, { json, command });
        },
      });
      results.push({
        cloud: cloudName,
        receiver: site,
        dryRun,
        ...summary(plan),
        applied: applied && appliedSummary(applied),
        now: now && summary(now),
        problem,
      });
      if (problem !== null) problems.push(all.length > 1 ? `${cloudName}: ${problem}` : problem);
    }
    if (json) printJson(all.length === 1 ? results[0] : { clouds: results });
    if (problems.length > 0) throw new UserError(problems.join("\n"));
  });

function origin(text: string): string {
  const url = new URL(address(text));
  if (url.pathname !== "/" || url.search !== "" || url.username !== "")
    throw new InvalidArgumentError("Expected the address of the site without a path.");
  return url.origin;
}

function types(text: string): string[] {
  const list = text.split(",").map((name) => name.trim());
  if (list.every((name) => /^[a-z][a-z_]*$/.test(name))) return [...new Set(list)];
  throw new InvalidArgumentError("Expected event types such as upload,moderation.");
}

/** The local Cloudinary goes with the local receiver; `URL` is what Netlify calls the site's address. */
function siteOf({ isLocal, env }: FoundAccount, folder: string): string | null {
  const local = isLocal ? readStackFile(folder)?.url : undefined;
  if (local !== undefined) return local;
  return env.URL !== undefined && URL.canParse(env.URL) ? new URL(env.URL).origin : null;
}

const missingSite = (command: CommandUnknownOpts): never =>
  wrongUsage(command, "--url is required, such as --url https://hooks.example.com");

function requireReachable(site: string, { isLocal }: FoundAccount): void {
  if (isLocal) return;
  const url = new URL(site);
  if (isLoopback(url))
    throw new UserError(
      `Cloudinary cannot reach ${site}. To receive its notifications on this machine, use \`webhooks listen\`.`,
      2,
    );
  if (url.protocol !== "https:")
    throw new UserError(`The receiver's address must begin with https:// (${site})`, 2);
}

async function ask(
  count: number,
  { json, command }: { json: boolean; command: CommandUnknownOpts },
): Promise<void> {
  if (json || !process.stdin.isTTY)
    wrongUsage(
      command,
      `${json ? "--json" : "without a terminal"} needs --yes, or --dry-run. Nothing was changed`,
    );
  const question = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await question.question(`Apply ${count === 1 ? "1 change" : `${count} changes`}? [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    question.close();
  }
  throw new UserError("Nothing was changed.");
}
