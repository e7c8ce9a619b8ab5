import { parseArgs } from "node:util";
import { postSigned } from "./post.ts";
import { CliProblem } from "./problem.ts";
import { findReceiver } from "./receiver.ts";
import { isSimulatedType, simulatedTypes, simulation } from "./simulated.ts";
import { type Sent, tell } from "./tell.ts";
import { watchRecord } from "./watch.ts";

export const simulateUsage = `npm run simulate -- <${simulatedTypes.join("|")}>   sends an invented, signed notification and says what became of it

  --url <address>   a receiver elsewhere (default: the one that npm start runs in this folder)
  --json            for scripts
Ends with 0 when every delivery is done or skipped, with 1 otherwise.`;

/** Longer than a cold start, the nudge and a few calls to SendGrid take together. */
const patienceMs = 30_000;

/** Returns the exit code. */
export async function simulate(args: readonly string[], folder: string): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) {
    console.log(simulateUsage);
    return 0;
  }
  const [type = "", ...more] = positionals;
  if (!isSimulatedType(type) || more.length > 0) {
    throw new CliProblem(
      `${type === "" ? "Name a type" : `"${positionals.join(" ")}" is none of the types`}.\n\n${simulateUsage}`,
      2,
    );
  }
  const receiver = findReceiver(folder, values.url);
  const sent: Sent[] = [];
  for (const one of simulation(type, { ...receiver, now: new Date() })) {
    const sending = await postSigned(receiver, `/webhooks/${one.type}`, one.body);
    sent.push({ sending, ...(await watchRecord(receiver, sending.id, patienceMs)) });
  }
  console.log(values.json ? JSON.stringify({ notifications: sent }, null, 2) : sent.map(tell).join("\n\n"));
  return sent.every(({ ended }) => ended === "well") ? 0 : 1;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        url: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (cause) {
    throw new CliProblem(`${cause instanceof Error ? cause.message : cause}\n\n${simulateUsage}`, 2, {
      cause,
    });
  }
}
