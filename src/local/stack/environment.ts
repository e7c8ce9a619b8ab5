import type { Environment } from "../../cli/environment.ts";
import type { Credentials } from "../../cli/stack-files.ts";
import { stackVariables } from "../../cli/stack-variables.ts";
import { UserError } from "../../cli/user-error.ts";
import { readConfig } from "../../config.ts";
import type { Config } from "../../config.types.ts";
import { forwardVariables } from "../../handlers/forward/variables.ts";
import { handlers } from "../../handlers/list.ts";
import { handlerProblems } from "../../lib/deliveries/start-handlers.ts";
import { settings } from "../../settings.ts";
import { connectionVariables, localConnection } from "../akeneo/local-connection.ts";
import { forwardHere } from "../queues/forward-here.ts";
import { localAwsKey, rekognitionVariables } from "../rekognition/local-account.ts";

/** The receiver's variables, and which services are emulated. */
export interface StackEnvironment {
  variables: Environment;
  /** No credentials are set for it. */
  localCloudinary: boolean;
  localMail: boolean;
  localChat: boolean;
  /** Only if LOCAL_AKENEO is set and AKENEO_URL is not. */
  localAkeneo: boolean;
  /** Next to the Cloudinary emulator, unless LOCAL_REKOGNITION=false. */
  localRekognition: boolean;
  /** Next to the Cloudinary emulator, unless a variable of `forward` is set. */
  localForward: boolean;
  /** null: the embedded database. */
  databaseUrl: string | null;
  databaseCa: string | null;
  /** Invalid values that do not prevent the start. */
  warnings: string[];
  operatorToken: string;
  secrets: Config["secrets"];
  /** The real ones, or the stand-in's. */
  accounts: Config["accounts"];
}

/** The environment that `npm start` gives the receiver. Throws `UserError` with all invalid variables. */
export function stackEnvironment(
  set: Environment,
  stack: { credentials: Credentials; localUrl: string },
): StackEnvironment {
  const { variables: own, localCloudinary, localMail, localChat } = stackVariables(set, stack);
  const localAkeneo = set.LOCAL_AKENEO === "true" && set.AKENEO_URL === undefined;
  // The handler must never send pictures of a real account's visitors, and never from a developer's machine to AWS by accident.
  const localRekognition =
    localCloudinary && set.LOCAL_REKOGNITION !== "false" && set.REKOGNITION_COLLECTION === undefined;
  const localForward =
    localCloudinary && Object.keys(forwardVariables).every((name) => set[name] === undefined);
  const variables: Environment = {
    ...own,
    ...(localForward && forwardHere(stack, settings.forward)),
    ...(localRekognition && rekognitionVariables(stack.localUrl, localAwsKey(stack.credentials))),
    ...(localAkeneo && connectionVariables(stack.localUrl, localConnection(stack.credentials))),
  };
  // The address of the embedded database is known only when netlify dev is running.
  const reading = readConfig(settings, "", { ...variables, NETLIFY_DB_URL: "embedded" });
  if (!reading.ok) throw refused(reading.problems);
  const problems = [...reading.config.settingsProblems, ...handlerProblems(settings, handlers)];
  if (problems.length > 0) throw refused(problems);
  // When deployed, the console is then disabled; here the user needs it.
  const { operators, operatorProblems } = reading.config;
  if (operatorProblems.length > 0) throw refused(operatorProblems);
  // The printed link uses an operator's token if there is one.
  const operator = operators.find(({ role }) => role === "operator") ?? operators[0];
  if (!operator) throw refused(["OPERATOR_TOKEN is missing"]);
  return {
    variables,
    localCloudinary,
    localMail,
    localChat,
    localAkeneo,
    localRekognition,
    localForward,
    databaseUrl: set.DATABASE_URL === undefined ? null : reading.config.databaseUrl,
    databaseCa: reading.config.databaseCa,
    warnings: reading.config.warnings,
    operatorToken: operator.token,
    secrets: reading.config.secrets,
    accounts: reading.config.accounts,
  };
}

function refused(problems: readonly string[]): UserError {
  return new UserError(`Not started:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
}
