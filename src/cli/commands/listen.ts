import { hostname } from "node:os";
import { Command } from "@commander-js/extra-typings";
import { findAccount } from "../account.ts";
import { examples, jsonOption, urlOption } from "../command.ts";
import { channelOf } from "../listen/channel.ts";
import { describeEvent } from "../listen/events.ts";
import { listen as listenTo } from "../listen/listen.ts";
import { printJsonLine } from "../output.ts";
import { readStackFile } from "../stack-files.ts";
import { UserError } from "../user-error.ts";

export const listen = new Command("listen")
  .summary("receive the notifications of your account on this machine")
  .description(
    "Receives the notifications of the account in CLOUDINARY_URL without a public address: creates a trigger that " +
      "keeps them at Cloudinary, fetches them, and posts each one to the local receiver like a webhook. Acknowledges only " +
      "notifications that the receiver has recorded; the others are delivered again. Ctrl-C removes the trigger. `npm start` " +
      "does the same automatically if CLOUDINARY_URL is set.",
  )
  .addOption(urlOption)
  .option("--cloud <name>", "which account, if CLOUDINARY_URLS names several")
  .addOption(jsonOption)
  .addHelpText("after", examples(["listen", "listen --url http://localhost:8888", "listen --json"]))
  .action(async ({ url, cloud, json = false }) => {
    const folder = process.cwd();
    const stack = readStackFile(folder);
    const target = url ?? stack?.url;
    if (target === undefined)
      throw new UserError(
        "No receiver is running in this folder. Start one with `npm start`, or give its address: --url http://localhost:8888",
      );
    if (url === undefined && stack?.listens)
      throw new UserError(
        "`npm start` already listens in this folder: CLOUDINARY_URL is set, so it fetches the account's notifications itself.",
      );
    const { account } = findAccount(folder, cloud);
    await listenTo({
      account,
      url: target,
      channel: channelOf(hostname(), folder),
      tell: (event) => (json ? printJsonLine(event) : console.log(describeEvent(event))),
      signal: interrupted(),
    });
  });

/** Under npm, Ctrl-C arrives twice, because npm forwards it: repeats are ignored. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => controller.abort());
  return controller.signal;
}
