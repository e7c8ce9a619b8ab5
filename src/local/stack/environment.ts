import type { Environment } from "../../cli/environment.ts";
import { type Credentials, standInUrl } from "../../cli/stack-files.ts";
import { UserError } from "../../cli/user-error.ts";
import { type Config, readConfig } from "../../config.ts";
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
}

/**
 * A service with credentials of its own gets no stand-in. A stand-in's variables are set together, so that no key of ours ever
 * goes to the real service and no real one to a stand-in. Throws `UserError` with every variable that is set wrongly.
 */
export function stackEnvironment(
  set: Environment,
  { credentials, localUrl }: { credentials: Credentials; localUrl: string },
): StackEnvironment {
  const localCloudinary = set.CLOUDINARY_URL === undefined;
  const localSendgrid = set.SENDGRID_API_KEY === undefined;
  const localAkeneo = set.LOCAL_AKENEO === "true" && set.AKENEO_URL === undefined;
  const webhookSecrets = set.CLOUDINARY_WEBHOOK_SECRETS;
  const variables: Environment = {
    // Local mails need an address at both ends; nobody gets them.
    ...(localSendgrid && { FROM_VERIFIED_SENDER: "receiver@example.com", TO_RECIPIENTS: "team@example.com" }),
    OPERATOR_TOKEN: credentials.operatorToken,
    ...set,
    ...(localCloudinary && { CLOUDINARY_URL: standInUrl(credentials, localUrl) }),
    // The local Cloudinary signs with its API secret, which does not verify where others are listed.
    ...(localCloudinary &&
      webhookSecrets !== undefined && {
        CLOUDINARY_WEBHOOK_SECRETS: `${webhookSecrets} local-cloudinary:${credentials.apiSecret}`,
      }),
    ...(localSendgrid && { SENDGRID_API_KEY: credentials.sendgridApiKey, SENDGRID_BASE_URL: localUrl }),
    ...(localAkeneo && connectionVariables(localUrl, localConnection(credentials))),
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
  };
}

function refused(problems: readonly string[]): UserError {
  return new UserError(`Not started:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
}
