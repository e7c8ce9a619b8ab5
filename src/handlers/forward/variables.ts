import type { Variables, VariableValues } from "../../lib/shared/declared-variables.ts";
import { isLoopback } from "../../lib/shared/loopback.ts";

const isEndpoint = (value: string): string | null => {
  if (!URL.canParse(value)) return "is not a URL";
  const url = new URL(value);
  return url.protocol === "https:" || isLoopback(url) ? null : "is not of the form https://<host>";
};
const pair = /^([a-z][a-z0-9-]*)=(whsec_[A-Za-z0-9+/=]+)$/;

export const forwardVariables = {
  FORWARD_WEBHOOK_SECRETS: {
    about: "the secrets that sign requests to HTTP targets, as <target>=whsec_<base64>, separated by spaces",
    optional: true,
    list: true,
    check: (value) =>
      value.split(/\s+/).every((entry) => pair.test(entry))
        ? null
        : "is not of the form <target>=whsec_<base64>",
  },
  FORWARD_AWS_REGION: { about: "the region of the queues and event buses", optional: true, secret: false },
  FORWARD_AWS_ACCESS_KEY_ID: { about: "the access key that may send to them", optional: true },
  FORWARD_AWS_SECRET_ACCESS_KEY: { about: "the secret of the access key", optional: true },
  FORWARD_AWS_SESSION_TOKEN: { about: "the session token of a temporary access key", optional: true },
  FORWARD_AWS_ENDPOINT: {
    about: "sends requests to another host than AWS's, such as an emulator",
    optional: true,
    secret: false,
    check: isEndpoint,
  },
  FORWARD_HTTP_ENDPOINT: {
    about: "sends requests to HTTP targets to an emulator on this machine, as <endpoint>/<target>",
    optional: true,
    secret: false,
    check: (value) =>
      URL.canParse(value) && isLoopback(new URL(value)) ? null : "is not an address of this machine",
  },
} as const satisfies Variables;

export type ForwardVariables = VariableValues<typeof forwardVariables>;

/** Several secrets of one target all sign, so that they can be rotated. */
export function secretsOf(
  target: string,
  { FORWARD_WEBHOOK_SECRETS: pairs = "" }: ForwardVariables,
): string[] {
  return pairs.split(/\s+/).flatMap((entry) => {
    const [, name, secret] = pair.exec(entry) ?? [];
    return name === target && secret !== undefined ? [secret] : [];
  });
}

export interface AwsAccount {
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  endpoint?: string;
}

/** The names of missing variables, or the account. Not the AWS_ variables: Netlify's functions run on AWS, which sets those itself. */
export function awsAccount(variables: ForwardVariables): AwsAccount | string {
  const {
    FORWARD_AWS_REGION: region,
    FORWARD_AWS_ACCESS_KEY_ID: accessKeyId,
    FORWARD_AWS_SECRET_ACCESS_KEY: secretAccessKey,
    FORWARD_AWS_SESSION_TOKEN: sessionToken,
    FORWARD_AWS_ENDPOINT: endpoint,
  } = variables;
  if (region === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    const needed = {
      FORWARD_AWS_REGION: region,
      FORWARD_AWS_ACCESS_KEY_ID: accessKeyId,
      FORWARD_AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const missing = Object.entries(needed).flatMap(([name, value]) => (value === undefined ? [name] : []));
    return `${missing.join(", ")} missing`;
  }
  return {
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    ...(endpoint !== undefined && { endpoint }),
  };
}
