import { misunderstood, parseOptions } from "../arguments.ts";
import { findReceiver } from "../receiver.ts";
import { report, type Sent } from "../report.ts";
import { sendAndWatch } from "../send-and-watch.ts";
import { isSimulatedType, simulatedTypes, simulation } from "../simulated.ts";

export const simulateUsage = `npm run simulate -- <${simulatedTypes.join("|")}>   sends an invented, signed notification and says what became of it

  --url <address>   a receiver elsewhere (default: the one that npm start runs in this folder)
  --json            for scripts, by npm run -s
Ends with 0 when every delivery is done or skipped, with 1 otherwise.`;

/** Returns the exit code. */
export async function simulate(args: readonly string[], folder: string): Promise<number> {
  const { values, positionals } = parseOptions(args, {}, simulateUsage);
  const [type = "", ...more] = positionals;
  if (!isSimulatedType(type) || more.length > 0) {
    throw misunderstood(
      type === "" ? "Name a type" : `"${positionals.join(" ")}" is none of the types`,
      simulateUsage,
    );
  }
  const receiver = findReceiver(folder, values.url);
  const sent: Sent[] = [];
  for (const one of simulation(type, { ...receiver, now: new Date() })) {
    const posting = { path: `/webhooks/${one.type}`, body: Buffer.from(one.body) };
    sent.push(await sendAndWatch(receiver, posting));
  }
  return report(sent, values);
}
