import { createHash } from "node:crypto";
import type { Credentials } from "../../cli/stack-files.ts";
import type { ForwardSettings } from "../../settings.types.ts";
import { localAwsKey } from "../rekognition/local-account.ts";

/** The variables with which every target of `forward` sends to this machine, whatever address the settings name. */
export function forwardHere(
  { credentials, localUrl }: { credentials: Credentials; localUrl: string },
  { targets }: Pick<ForwardSettings, "targets">,
): Record<string, string> {
  const key = localAwsKey(credentials);
  const secretOf = (target: string) =>
    createHash("sha256").update(`forward ${target} ${credentials.apiSecret}`).digest("base64");
  const secrets = targets.flatMap(({ name, to }) =>
    to.kind === "http" ? [`${name}=whsec_${secretOf(name)}`] : [],
  );
  return {
    FORWARD_AWS_REGION: "eu-central-1",
    FORWARD_AWS_ACCESS_KEY_ID: key.accessKeyId,
    FORWARD_AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    FORWARD_AWS_ENDPOINT: localUrl,
    FORWARD_HTTP_ENDPOINT: `${localUrl}/queues/http`,
    ...(secrets.length > 0 && { FORWARD_WEBHOOK_SECRETS: secrets.join(" ") }),
  };
}
