import type { Settings } from "../../settings.types.ts";
import { readVariables } from "../shared/declared-variables.ts";
import { log } from "../shared/log.ts";
import type { HandlerDefinition, Receiver } from "./define-handler.ts";
import type { Handler } from "./handler.ts";

type Names = Pick<Settings, "routes" | "pim">;

/** The names in the settings that no handler has, with what names them: `routes.upload`. */
export function unknownHandlers(
  { routes, pim }: Names,
  definitions: readonly HandlerDefinition[],
): { name: string; by: string }[] {
  const known = new Set(definitions.map(({ name }) => name));
  const named = [
    ...Object.entries(routes).flatMap(([type, names]) =>
      names.map((name) => ({ name, by: `routes.${type}` })),
    ),
    ...pim.connectors.map((name) => ({ name, by: "pim.connectors" })),
  ];
  return named.filter(({ name }) => !known.has(name));
}

/** What is wrong with the list of handlers, or with the names in the settings. The compiler finds the same, unless a cast hides it. */
export function handlerProblems(settings: Names, definitions: readonly HandlerDefinition[]): string[] {
  const names = definitions.map(({ name }) => name);
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [
    ...[...twice].map((name) => `src/handlers/list.ts: two handlers have the name ${name}`),
    ...unknownHandlers(settings, definitions).map(
      ({ name, by }) =>
        `src/settings.ts: ${by} names the handler ${JSON.stringify(name)}, which is not in src/handlers/list.ts`,
    ),
  ];
}

/** The variables of handlers that a route names and that cannot be read: names and reasons, never values. */
export function variableProblems(
  { routes, pim }: Names,
  definitions: readonly HandlerDefinition[],
  environment: Receiver["variables"],
): string[] {
  const named = new Set([...Object.values(routes).flat(), ...pim.connectors]);
  // Reads those of every handler, because reading makes `redact` remove the values. A handler from another package has its own
  // copy of `defineHandler`, whose reading does not (docs/import.md).
  return definitions
    .map(({ name, environment: declared }) => ({ name, ...readVariables(declared, environment) }))
    .filter(({ name }) => named.has(name))
    .flatMap(({ name, problems }) =>
      problems.map((problem) => `${problem}: the deliveries of the handler ${name} are put on hold`),
    );
}

let reported = false;

/**
 * The handlers of a worker. A name in the settings that no handler has gets one whose deliveries fail permanently with that name,
 * because otherwise they would wait for ever. Names that only older deliveries have are left to the deploy that knows them.
 */
export function startHandlers(definitions: readonly HandlerDefinition[], receiver: Receiver): Handler[] {
  const { settings, variables } = receiver;
  if (!reported) {
    reported = true;
    const problems = handlerProblems(settings, definitions);
    if (problems.length > 0) log("error", "handlers are missing", { problems: problems.join("; ") });
    const unset = variableProblems(settings, definitions, variables);
    if (unset.length > 0) log("warn", "handlers are not configured", { problems: unset.join("; ") });
  }
  const unknown = new Set(unknownHandlers(settings, definitions).map(({ name }) => name));
  return [...definitions.map((definition) => definition.start(receiver)), ...[...unknown].map(missing)];
}

function missing(name: string): Handler {
  const error = `the handler ${JSON.stringify(name)} does not exist: add it to src/handlers/list.ts, or remove it from src/settings.ts`;
  return { name, handle: async () => ({ kind: "give-up", error }) };
}
