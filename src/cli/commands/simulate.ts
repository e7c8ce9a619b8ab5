import { Argument, Command } from "@commander-js/extra-typings";
import { examples, jsonOption, urlOption } from "../command.ts";
import { findReceiver } from "../receiver.ts";
import { report, type Sent } from "../report.ts";
import { sendAndWatch } from "../send-and-watch.ts";
import { simulatedTypes, simulation } from "../simulated.ts";

export const simulate = new Command("simulate")
  .summary("send a sample notification")
  .description(
    "Sends a signed sample notification about the product VASE-1 and waits for its deliveries to finish. " +
      "Exits with 0 if every delivery is done or skipped, and with 1 otherwise.",
  )
  .addArgument(new Argument("<type>", "type of the notification").choices(simulatedTypes))
  .addOption(urlOption)
  .addOption(jsonOption)
  .addHelpText("after", examples(["simulate eager", "simulate upload --url https://hooks.example.com"]))
  .action(async (type, { url, json = false }) => {
    const receiver = findReceiver(process.cwd(), url);
    const sent: Sent[] = [];
    for (const simulated of simulation(type, { ...receiver, now: new Date() })) {
      const posting = { path: `/webhooks/${simulated.type}`, body: Buffer.from(simulated.body) };
      sent.push(await sendAndWatch(receiver, posting));
    }
    process.exitCode = report(sent, { json });
  });
