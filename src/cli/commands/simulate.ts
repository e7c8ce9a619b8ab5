import { Argument, Command } from "@commander-js/extra-typings";
import { notificationTypes } from "../../lib/notifications/types.ts";
import { examples, jsonOption, oneOf, urlOption } from "../command.ts";
import { hookOf } from "../hooks.ts";
import { linksOf } from "../links.ts";
import { countPictures } from "../product-pictures.ts";
import { findReceiver } from "../receiver.ts";
import { report, type Sent } from "../report.ts";
import { sendAndWatch } from "../send-and-watch.ts";
import { simulatedSku } from "../simulate/asset.ts";
import { findEmulator } from "../simulate/emulator.ts";
import { bodyFor, stepsOf } from "../simulate/steps.ts";

const invented =
  "The picture does not exist: only the stack of this folder has an emulator of Cloudinary that could draw it. The console shows empty frames.";

export const simulate = new Command("simulate")
  .summary("send a sample notification")
  .description(
    "Sends a signed sample notification about the product VASE-1, waits for its deliveries to finish, and says what they did. " +
      "On the local stack, the picture exists in the emulator of Cloudinary. " +
      "Exits with 0 if every delivery is done or skipped, and with 1 otherwise.",
  )
  .addArgument(
    new Argument("<type>", "type of the notification")
      .choices(notificationTypes)
      .argParser(oneOf(notificationTypes)),
  )
  .addOption(urlOption)
  .addOption(jsonOption)
  .addHelpText("after", examples(["simulate eager", "simulate upload --url https://hooks.example.com"]))
  .action(async (type, { url, json = false }) => {
    const folder = process.cwd();
    const receiver = findReceiver(folder, url);
    const emulator = await findEmulator(folder, receiver);
    let before = await countPictures(receiver, simulatedSku);
    const sent: Sent[] = [];
    for (const step of stepsOf(type)) {
      const body = await bodyFor(step, { emulator, receiver, now: new Date() });
      const one = await sendAndWatch(receiver, { path: hookOf(step.type), body });
      const after = await countPictures(receiver, simulatedSku);
      const product = before === null || after === null ? null : { sku: simulatedSku, before, after };
      sent.push({ ...one, product });
      before = after;
    }
    const localUrl = emulator?.localUrl ?? null;
    process.exitCode = report(sent, {
      json,
      links: await linksOf(sent, { receiver, sku: simulatedSku, localUrl }),
      notes: emulator === null ? [invented] : [],
    });
  });
