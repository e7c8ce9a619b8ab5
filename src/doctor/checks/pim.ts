import { lookup } from "node:dns/promises";
import { Webhook } from "standardwebhooks";
import { isPublicAddress } from "../../lib/outgoing/address.ts";
import { call } from "../call.ts";
import type { DoctorContext } from "../context.ts";
import { type Finding, failed, notChecked, ok, warning } from "../finding.ts";

/** Whether the connectors that push products can reach the PIM. Sends it nothing. */
export async function checkPim(context: DoctorContext): Promise<Finding[]> {
  const { connectors } = context.settings.pim;
  if (connectors.length === 0)
    return [ok("pim", "No connector is configured: products are kept in the database only")];
  const found = await Promise.all([
    connectors.includes("pim:webhook") ? webhook(context) : [],
    connectors.includes("pim:akeneo") ? akeneo(context) : [],
  ]);
  return found.flat();
}

async function webhook({ config, isLocal }: DoctorContext): Promise<Finding[]> {
  const target = config.pimWebhook;
  if (target === null)
    return [
      failed("pim.webhook", "The connector pim:webhook is on, and PIM_WEBHOOK_URL is not set", {
        why: "Its deliveries are skipped: the PIM learns of no change.",
        fix: 'Set PIM_WEBHOOK_URL and PIM_WEBHOOK_SECRET, or remove "pim:webhook" from pim.connectors in src/settings.ts.',
      }),
    ];
  return [secret(target.secrets), await address(target.url, isLocal)];
}

function secret(secrets: readonly string[]): Finding {
  const isWrong = secrets.length === 0 || !secrets.every(isUsable);
  return isWrong
    ? failed("pim.webhook-secret", "PIM_WEBHOOK_SECRET is not of the form whsec_<base64>", {
        why: "The connector's deliveries fail permanently.",
        fix: "Set it to whsec_ and the output of `openssl rand -base64 24`, and give the same value to the PIM.",
      })
    : ok("pim.webhook-secret", "PIM_WEBHOOK_SECRET can sign");
}

function isUsable(text: string): boolean {
  try {
    new Webhook(text);
    return text.startsWith("whsec_");
  } catch {
    return false; // The package's way of saying that it is no secret.
  }
}

async function address(text: string, isLocal: boolean): Promise<Finding> {
  const id = "pim.webhook-address";
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "https:" && !(isLocal && url.protocol === "http:")))
    return failed(id, "PIM_WEBHOOK_URL is not an https:// address", {
      why: "The connector's deliveries fail permanently.",
      fix: "Set it to https://<host>/<path>.",
    });
  if (!isLocal && (await isPrivate(url.hostname)))
    return failed(id, `${url.hostname} is not on the public internet`, {
      why: "The connector does not call private addresses.",
      fix: "Set PIM_WEBHOOK_URL to a public address of the PIM.",
    });
  const answer = await call(url, { method: "HEAD" });
  if (typeof answer === "string")
    return failed(id, `${url.host} cannot be reached: ${answer}`, {
      why: "Changed products wait and are retried.",
      fix: "Check PIM_WEBHOOK_URL and that the PIM is running.",
    });
  if (answer.status >= 300 && answer.status < 400)
    return failed(id, `${url.host} redirects`, {
      why: "The connector follows no redirect, since it would send the body elsewhere.",
      fix: "Set PIM_WEBHOOK_URL to the address that it redirects to.",
    });
  return answer.status === 404
    ? warning(id, `${url.host} answers 404 to a HEAD request`, {
        why: "The path may be wrong. Some receivers answer so to everything but POST.",
        fix: "Compare the path of PIM_WEBHOOK_URL with the PIM's documentation.",
      })
    : ok(id, `${url.host} answers`);
}

async function isPrivate(hostname: string): Promise<boolean> {
  try {
    const found = await lookup(hostname.replace(/^\[|\]$/g, ""), { all: true });
    return found.some(({ address: one }) => !isPublicAddress(one));
  } catch {
    return false; // No such host: the call says so.
  }
}

/** The variables' form is checked with the others; here is whether they are there at all. */
async function akeneo({ config }: DoctorContext): Promise<Finding[]> {
  const { akeneo: connection } = config;
  if (connection === null)
    return [
      failed("pim.akeneo", "The connector pim:akeneo is on, and AKENEO_URL is not set", {
        why: "Its deliveries are skipped: the PIM learns of no change.",
        fix: 'Set AKENEO_URL, AKENEO_CLIENT_ID and AKENEO_SECRET, or remove "pim:akeneo" from pim.connectors in src/settings.ts.',
      }),
    ];
  const { url, clientId, secret: key, user } = connection.account;
  if (connection.problems.length > 0 || user === null)
    return [
      notChecked(
        "pim.akeneo",
        "Akeneo",
        user === null
          ? "Without a user name, only a delivery can sign in."
          : "Its variables are incomplete or malformed.",
      ),
    ];
  const answer = await call(`${url}/api/oauth/v1/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${key}`).toString("base64")}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ grant_type: "password", username: user.name, password: user.password }),
  });
  if (typeof answer === "string")
    return [
      failed("pim.akeneo", `Akeneo cannot be reached: ${answer}`, {
        why: "Changed products wait and are retried.",
        fix: "Check AKENEO_URL and that Akeneo is running.",
      }),
    ];
  return [
    answer.status === 200
      ? ok("pim.akeneo", "Akeneo accepts the connection")
      : failed("pim.akeneo", `Akeneo rejects the connection with ${answer.status}`, {
          why: "No product is pushed.",
          fix: "Compare AKENEO_CLIENT_ID, AKENEO_SECRET, AKENEO_USERNAME and AKENEO_PASSWORD with Connect, Connection settings in Akeneo.",
        }),
  ];
}
