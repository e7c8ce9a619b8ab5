import { Argument, Command, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { isLoopback } from "../../lib/shared/loopback.ts";
import { duration, examples, jsonOption, oneOf, urlOption, wholeNumber, wrongUsage } from "../command.ts";
import { type Extent, type Fault, type FaultTarget, faultOf, faultTargets, kindsOf } from "../faults.ts";
import { columns, printJson } from "../output.ts";
import { isThisStack } from "../receiver.ts";
import { readStackFile } from "../stack-files.ts";
import { UserError } from "../user-error.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;

export const fault = new Command("fault")
  .summary("make a service of the local stack fail")
  .description(
    "Makes an emulated service of the local stack fail on purpose, for a time or for a number of requests, so that retries, " +
      "deliveries on hold and permanent failures can be seen. Never affects a deployed receiver or a real account. " +
      "docs/failing-on-purpose.md says what each fault shows.",
  )
  .addArgument(new Argument("[target]", "what fails").choices(faultTargets).argParser(oneOf(faultTargets)))
  .argument(
    "[fault]",
    "a status such as 500, or hang, reset, lost-answer; away for the database; lost, duplicate, delay, tamper for notifications",
  )
  .option("--for <time>", "how long it lasts, such as 30s or 5m, at most 1h (default: 1m)", duration(hourMs))
  .addOption(
    new Option("--times <number>", "how many requests it affects, instead of a time")
      .argParser(wholeNumber(1, 1_000))
      .conflicts("for"),
  )
  .addOption(new Option("--list", "list the active faults").conflicts(["clear", "for", "times"]))
  .addOption(new Option("--clear", "end all faults").conflicts(["for", "times"]))
  .addOption(urlOption)
  .addOption(jsonOption)
  .addHelpText(
    "after",
    examples([
      "fault email 500 --for 1m",
      "fault sendgrid hang --times 1",
      "fault cloudinary 420",
      "fault database away --for 30s",
      "fault email lost-answer --times 1",
      "fault --list",
      "fault --clear",
    ]),
  )
  .action(
    async (target, kind, { for: forMs, times, list = false, clear = false, url, json = false }, command) => {
      if ((list || clear) && target !== undefined)
        wrongUsage(command, `--${list ? "list" : "clear"} takes no arguments`);
      if (!list && !clear && (target === undefined || kind === undefined))
        wrongUsage(command, "a target and a fault are required, such as: fault email 500");
      const chosen =
        target === undefined || kind === undefined
          ? null
          : choose(target, kind, extentOf(target, forMs, times));
      if (typeof chosen === "string") return wrongUsage(command, chosen);
      const stack = localStack(url);
      if (clear) await call(stack, "DELETE", "faults");
      if (chosen !== null) await set(stack, chosen);
      const active = await activeFaults(stack);
      if (json) printJson({ faults: active });
      else console.log(describe(active, chosen));
    },
  );

/** The fault, or what is wrong with it. */
function choose(target: FaultTarget, kind: string, extent: Extent): Fault | string {
  return faultOf(target, kind, extent) ?? `'${kind}' is no fault of ${target}. Expected ${kindsOf(target)}.`;
}

/** A single notification by default, otherwise a minute. */
function extentOf(target: FaultTarget, forMs: number | undefined, times: number | undefined): Extent {
  if (times !== undefined) return { times };
  if (forMs === undefined && target === "notifications") return { times: 1 };
  return { forMs: forMs ?? minuteMs };
}

/** The address of the emulators of this folder's stack. Throws `UserError` for any other receiver. */
function localStack(url: string | undefined): string {
  const stack = readStackFile(process.cwd());
  if (url !== undefined && !isThisStack(url, stack?.url))
    throw new UserError(
      `Only the local stack of this folder can fail on purpose, not ${url}. Run this without --url, in the folder of \`npm start\`.`,
      2,
    );
  if (stack === null)
    throw new UserError(
      "No stack is running in this folder. Start one with `npm start`: only its emulators can fail.",
    );
  if (!isLoopback(new URL(stack.localUrl)))
    throw new UserError(`${stack.localUrl} is not on this machine: only a local stack can fail on purpose.`);
  return stack.localUrl;
}

async function set(localUrl: string, { path, body }: Fault): Promise<void> {
  if (
    (body.service === "sendgrid" || body.service === "resend") &&
    (await send(localUrl, "GET", "/mailbox.json")).status === 404
  )
    throw new UserError(
      "This stack sends e-mails for real (the provider's API key is set), and a real provider does not fail on purpose.",
    );
  await call(localUrl, "POST", path, body);
}

async function call(localUrl: string, method: string, path: string, body?: object): Promise<Response> {
  const response = await send(localUrl, method, `/_control/${path}`, body);
  if (response.ok) return response;
  const text = await response.text();
  throw new UserError(
    response.status === 404 && path !== "database"
      ? `The stack at ${localUrl} has no emulators that can fail: it uses real accounts.`
      : `The stack did not accept the fault: ${text.trim()}`,
  );
}

async function send(localUrl: string, method: string, path: string, body?: object): Promise<Response> {
  try {
    return await fetch(`${localUrl}${path}`, {
      method,
      ...(body !== undefined && {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
      signal: AbortSignal.timeout(20_000),
    });
  } catch (cause) {
    throw new UserError(
      `No answer from ${localUrl}. Is the stack running? \`npm start\` starts it on this machine.`,
      1,
      { cause },
    );
  }
}

const waiting = z.object({
  kind: z.string(),
  status: z.number().optional(),
  when: z.string().optional(),
  times: z.number(),
  until: z.number().nullish(),
});
const listSchema = z.object({
  cloudinary: z.array(waiting),
  sendgrid: z.array(waiting),
  resend: z.array(waiting).default([]),
  chat: z.array(waiting).default([]),
  akeneo: z.array(waiting),
  rekognition: z.array(waiting),
  notifications: z.array(waiting),
  database: z.object({ awayUntil: z.number().nullable() }),
});

interface ActiveFault {
  target: string;
  fault: string;
  /** null if it ends after some requests. */
  until: string | null;
  times: number | null;
}

async function activeFaults(localUrl: string): Promise<ActiveFault[]> {
  const response = await call(localUrl, "GET", "faults");
  const { database, ...services } = listSchema.parse(await response.json());
  const faults = Object.entries(services).flatMap(([target, list]) =>
    list.map(
      (one): ActiveFault => ({
        target: target === "sendgrid" || target === "resend" ? "email" : target,
        fault: nameOf(one),
        until: one.until == null ? null : new Date(one.until).toISOString(),
        times: one.until == null ? one.times : null,
      }),
    ),
  );
  const { awayUntil } = database;
  if (awayUntil !== null)
    faults.push({ target: "database", fault: "away", until: new Date(awayUntil).toISOString(), times: null });
  return faults;
}

function nameOf({ kind, status, when }: z.infer<typeof waiting>): string {
  if (kind === "status") return String(status);
  if (kind === "drop") return "lost";
  return kind === "reset" && when === "after-work" ? "lost-answer" : kind;
}

function describe(active: readonly ActiveFault[], added: Fault | null): string {
  if (active.length === 0) return "No faults are active.";
  const rows = active.map(({ target, fault, until, times }) => [
    `  ${target}`,
    fault,
    until === null
      ? times === 1
        ? "next request"
        : `next ${times} requests`
      : `for ${secondsTo(until)} s more`,
  ]);
  const effect = added === null ? [] : ["", added.effect, "End it: npx webhooks fault --clear"];
  return ["Active faults:", ...columns(rows), ...effect].join("\n");
}

const secondsTo = (instant: string): number =>
  Math.max(1, Math.round((Date.parse(instant) - Date.now()) / 1_000));
