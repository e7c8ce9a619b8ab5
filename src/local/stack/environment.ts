import type { Environment } from "../../cli/environment.ts";
import type { Credentials } from "../../cli/stack-files.ts";
import { stackVariables } from "../../cli/stack-variables.ts";
import { UserError } from "../../cli/user-error.ts";
import { readConfig } from "../../config.ts";
import type { Config } from "../../config.types.ts";
import { settings } from "../../settings.ts";
import { connectionVariables, localConnection } from "../akeneo/local-connection.ts";

/** What the receiver is given, and which services are stand-ins. */
export interface StackEnvironment {
  variables: Environment;
  /** No credentials for it were set. */
  localCloudinary: boolean;
  localSendgrid: boolean;
  /** Only where LOCAL_AKENEO asks for it, and AKENEO_URL names no other. */
  localAkeneo: boolean;
  /** null: the embedded one. */
  databaseUrl: string | null;
  databaseCa: string | null;
  /** What is set wrongly and stops nothing. */
  warnings: string[];
  operatorToken: string;
  secrets: Config["secrets"];
  /** The real one, or the stand-in's. */
  account: Config["cloudinary"];
}

/** What `npm start` gives the receiver. Throws `UserError` with every variable that is set wrongly. */
export function stackEnvironment(
  set: Environment,
  stack: { credentials: Credentials; localUrl: string },
): StackEnvironment {
  const { variables: own, localCloudinary, localSendgrid } = stackVariables(set, stack);
  const localAkeneo = set.LOCAL_AKENEO === "true" && set.AKENEO_URL === undefined;
  const variables: Environment = {
    ...own,
    ...(localAkeneo && connectionVariables(stack.localUrl, localConnection(stack.credentials))),
  };
  // netlify dev names its embedded database only once it runs.
  const reading = readConfig(settings, "", { ...variables, NETLIFY_DB_URL: "embedded" });
  if (!reading.ok) throw refused(reading.problems);
  // Elsewhere the console stays closed then; here somebody waits for it.
  const { operators, operatorProblems } = reading.config;
  if (operatorProblems.length > 0) throw refused(operatorProblems);
  // The printed link is for somebody who tries things out: an operator's where there is one.
  const operator = operators.find(({ role }) => role === "operator") ?? operators[0];
  if (!operator) throw refused(["OPERATOR_TOKEN is missing"]);
  return {
    variables,
    localCloudinary,
    localSendgrid,
    localAkeneo,
    databaseUrl: set.DATABASE_URL === undefined ? null : reading.config.databaseUrl,
    databaseCa: reading.config.databaseCa,
    warnings: reading.config.warnings,
    operatorToken: operator.token,
    secrets: reading.config.secrets,
    account: reading.config.cloudinary,
  };
}

function refused(problems: readonly string[]): UserError {
  return new UserError(`Not started:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
}
