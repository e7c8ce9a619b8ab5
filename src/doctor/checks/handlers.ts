import { targetProblem } from "../../handlers/forward/handler.ts";
import { forwardVariables } from "../../handlers/forward/variables.ts";
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
  return [...names, ...variables, ...checkTargets(context)];
}

/** The targets of `forward`. Nothing is sent to them. */
function checkTargets({ settings, env }: DoctorContext): Finding[] {
  const { targets } = settings.forward;
  const isRouted = Object.values(settings.routes).some((names) => names.includes("forward"));
  if (isRouted !== targets.length > 0)
    return [
      warning(
        "forward",
        isRouted ? "A route names forward, and there are no targets" : "No route names forward",
        {
          why: "Nothing is forwarded.",
          fix: "Name targets in forward.targets and the handler in routes, or neither (docs/forwarding.md).",
        },
      ),
    ];
  const { values } = readVariables(forwardVariables, env);
  return targets.map((target) => {
    const problem = targetProblem(target, values);
    const id = `forward.${target.name}`;
    if (problem === null) return ok(id, `The target ${target.name} is configured`);
    return failed(id, problem, {
      why: `The deliveries of forward:${target.name} are put on hold.`,
      fix: "Correct forward.targets in src/settings.ts, or set the variable (docs/forwarding.md).",
    });
  });
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
