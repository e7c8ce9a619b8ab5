import type { CloudinaryAccount } from "../../config.types.ts";
import type { DoctorContext } from "../context.ts";
import { type Finding, notChecked, ok, warning } from "../finding.ts";

const warnAheadMs = 14 * 24 * 60 * 60_000;

/** Which secrets verify notifications, until when, and which of them did. */
export async function checkSecrets(context: DoctorContext): Promise<Finding[]> {
  const { config, isLocal } = context;
  if (config.secrets.length === 0)
    return [notChecked("secrets", "Secrets", "None is set; see the findings about variables.")];
  const used = (await context.records())?.activity.secrets ?? null;
  const now = context.now();
  const found = config.secrets.map(({ name, value, expiresAt }) => {
    const id = `secrets.${name}`;
    const use = useOf(used, name);
    if (expiresAt !== null && expiresAt < now)
      return warning(id, `The secret ${name} has expired${use}`, {
        why: "Notifications that it signs are rejected as secret-expired.",
        fix: "Remove it from CLOUDINARY_WEBHOOK_SECRETS if Cloudinary no longer signs with it; otherwise give it a later date.",
      });
    if (expiresAt !== null && expiresAt < now + warnAheadMs)
      return warning(
        id,
        `The secret ${name} expires on ${new Date(expiresAt).toISOString().slice(0, 10)}${use}`,
        {
          why: "After that day, notifications that it signs are rejected.",
          fix: "Complete the rotation at Cloudinary, or give it a later date in CLOUDINARY_WEBHOOK_SECRETS.",
        },
      );
    const account = config.accounts.find(({ apiSecret }) => apiSecret === value);
    if (account && !isLocal)
      return warning(id, `The API secret of ${nameOf(account)} verifies notifications${use}`, {
        why: "Any endpoint that signs upload parameters with it can be made to sign forged notifications.",
        fix: "Have Cloudinary dedicate an API key to webhooks and set its secret in CLOUDINARY_WEBHOOK_SECRETS (docs/security.md).",
      });
    return ok(id, `The secret ${name} verifies notifications${use}`);
  });
  const gone = (used ?? []).filter(({ name }) => config.secrets.every((secret) => secret.name !== name));
  return [
    ...found,
    ...gone.map(({ name, count }) =>
      warning(
        `secrets.${name}`,
        `${name} verified ${count} notifications in the last 24 hours, and is not set here`,
        {
          why: "It was removed, or the deployed receiver has other variables than this machine.",
          fix: "If Cloudinary still signs with it, put it back into CLOUDINARY_WEBHOOK_SECRETS.",
        },
      ),
    ),
  ];
}

const nameOf = ({ assetPrefix, cloudName }: CloudinaryAccount): string =>
  assetPrefix === undefined ? "CLOUDINARY_URL" : `the cloud ${cloudName}`;

type Use = { name: string; count: number; lastAt: Date };

function useOf(used: readonly Use[] | null, name: string): string {
  if (used === null) return "";
  const use = used.find((one) => one.name === name);
  return use
    ? `: ${use.count} in the last 24 hours, the last at ${use.lastAt.toISOString()}`
    : ": none in the last 24 hours";
}
