import { processVariables, readConfig } from "../../config.ts";
import type { ConfigReading, Environment } from "../../config.types.ts";
import { settings } from "../../settings.ts";
import { own } from "../shared/own.ts";

interface LastReading {
  deployContext: string;
  /** The variables that were read, with their values. */
  variables: ReadonlyMap<string, string | undefined>;
  reading: ConfigReading;
}

let last: LastReading | null = null;

/**
 * `readConfig` with this process's variables. It is called for each request, and reading takes a fifteenth of a hook's answer, so the
 * last reading is used again as long as none of its variables has changed.
 */
export function currentConfig(deployContext: string): ConfigReading {
  const environment = processVariables();
  if (last?.deployContext === deployContext && isCurrent(last, environment)) return last.reading;
  const variables = new Map<string, string | undefined>();
  const reading = readConfig(settings, deployContext, noting(environment, variables));
  last = { deployContext, variables, reading };
  return reading;
}

function isCurrent({ variables }: LastReading, environment: Environment): boolean {
  for (const [name, value] of variables) if (own(environment, name) !== value) return false;
  return true;
}

/** The environment; `read` gets the variables that are read, which is always by `own`. */
function noting(environment: Environment, read: Map<string, string | undefined>): Environment {
  return new Proxy(environment, {
    getOwnPropertyDescriptor(target, key) {
      const name = String(key);
      read.set(name, own(target, name));
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  });
}
