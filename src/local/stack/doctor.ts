import type { Environment } from "../../cli/environment.ts";
import { findingLines } from "../../cli/finding-lines.ts";
import { checkoutContext } from "../../doctor/checkout.ts";
import { checks } from "../../doctor/checks.ts";
import { diagnose } from "../../doctor/run.ts";
import { settings } from "../../settings.ts";

export interface StackDoctor {
  folder: string;
  url: string;
  variables: Environment;
  say: (text: string) => void;
}

/** The site has just answered. Asking every hook again would load each function, and fill the output with its requests. */
const startChecks = checks.filter(({ area }) => area !== "site");

/** Says once what `webhooks doctor` finds wrong with the stack, as soon as it knows. Returns what waits for its end. */
export function startDoctor(stack: StackDoctor): () => Promise<void> {
  const stopped = new AbortController();
  const examined = examine(stack, stopped.signal).catch((error: unknown) =>
    stack.say(`webhooks doctor could not run: ${error instanceof Error ? error.message : error}`),
  );
  return async () => {
    stopped.abort();
    await examined;
  };
}

async function examine({ folder, url, variables, say }: StackDoctor, signal: AbortSignal): Promise<void> {
  const { context, close } = await checkoutContext({
    folder,
    env: variables,
    settings,
    siteUrl: url,
    isLocal: true,
  });
  const findings = await diagnose(context, startChecks).finally(close);
  const wrong = findings.filter(({ level }) => level === "failed" || level === "warning");
  if (signal.aborted || wrong.length === 0) return;
  say(["  What `npx webhooks doctor` finds:", "", ...wrong.flatMap(findingLines), ""].join("\n"));
}
