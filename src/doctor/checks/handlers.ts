import { handlers } from "../../handlers/list.ts";
import type { HandlerDefinition } from "../../lib/deliveries/define-handler.ts";
import { handlerProblems } from "../../lib/deliveries/start-handlers.ts";
import { readVariables, type Variable } from "../../lib/shared/declared-variables.ts";
import { own } from "../../lib/shared/own.ts";
import type { DoctorContext } from "../context.ts";
import { type Finding, failed, ok, warning } from "../finding.ts";

/** The names of handlers in the settings, and the variables that handlers declare in their own file. */
export async function checkHandlers(
  context: DoctorContext,
  definitions: readonly HandlerDefinition[] = handlers,
): Promise<Finding[]> {
  const problems = handlerProblems(context.settings, definitions);
  const named = new Set([
    ...Object.values(context.settings.routes).flat(),
    ...context.settings.pim.connectors,
  ]);
  const names =
    problems.length === 0
      ? [ok("handlers", "Every handler in the settings exists")]
      : problems.map((problem) =>
          failed("handlers", problem, {
            why: "The deliveries of a handler that does not exist fail permanently.",
            fix: "Correct the name in src/settings.ts, or add the handler to src/handlers/list.ts (docs/handlers.md).",
          }),
        );
  const variables = definitions.flatMap(({ name, environment }) =>
    Object.entries(environment).map((declared) => checkVariable(declared, name, named.has(name), context)),
  );
  return [...names, ...variables];
}

function checkVariable(
  [name, declared]: [string, Variable],
  handler: string,
  isRouted: boolean,
  { env }: DoctorContext,
): Finding {
  const id = `handlers.${name}`;
  const [problem] = readVariables({ [name]: declared }, env).problems;
  if (problem !== undefined)
    return (isRouted ? failed : warning)(id, `${problem} (handler ${handler})`, {
      why: isRouted
        ? `The deliveries of ${handler} are put on hold.`
        : `No route in src/settings.ts names ${handler}, which needs it.`,
      fix: `Set ${name}: ${declared.about}`,
    });
  const isSet = (own(env, name) ?? "").trim() !== "";
  return ok(id, `${name} is ${isSet ? "set" : "not set, and optional"} (handler ${handler})`);
}
