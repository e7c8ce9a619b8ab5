import { type Environment, readEnvironment } from "./environment.ts";
import { isThisStack } from "./receiver.ts";
import { readCredentials, readStackFile } from "./stack-files.ts";
import { stackVariables } from "./stack-variables.ts";

export interface ExaminedReceiver {
  env: Environment;
  /** null: none is named, and none runs in this folder. */
  siteUrl: string | null;
  /** `npm start` runs it. */
  isLocal: boolean;
}

/** The receiver at `url`, or the one that `npm start` runs in the folder, with the variables that it has or should have. */
export function examinedReceiver(folder: string, url: string | undefined): ExaminedReceiver {
  const set = readEnvironment(folder);
  const stack = readStackFile(folder);
  const credentials = readCredentials(folder);
  const isStack = stack !== null && (url === undefined || isThisStack(url, stack.url));
  if (!isStack || credentials === null) return { env: set, siteUrl: url ?? null, isLocal: false };
  const { variables } = stackVariables(set, { credentials, localUrl: stack.localUrl });
  return { env: variables, siteUrl: stack.url, isLocal: true };
}
