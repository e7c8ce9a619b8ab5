import type { MailAccount } from "../../config.types.ts";
import { isObject, property } from "../../lib/shared/json.ts";
import { isLoopback } from "../../lib/shared/loopback.ts";
import { type Called, call } from "../call.ts";
import type { DoctorContext } from "../context.ts";
import { type Finding, failed, notChecked, ok } from "../finding.ts";

/** Whether Resend accepts the key and has verified the sender's domain. Nothing is sent: Resend has no sandbox mode. */
export async function checkResend({ config, settings }: DoctorContext): Promise<Finding[]> {
  if (settings.email.provider !== "resend") return [];
  const { mail } = config;
  if (mail === null)
    return [
      notChecked("resend", "Resend", "RESEND_API_KEY, FROM_VERIFIED_SENDER or TO_RECIPIENTS is not set."),
    ];
  const host = mail.baseUrl ?? "https://api.resend.com";
  if (!URL.canParse(host) || (!host.startsWith("https:") && !isLoopback(new URL(host))))
    return [
      failed("resend.host", "RESEND_BASE_URL is not an https:// address", {
        why: "The key would cross the network in clear text, or no mail is sent.",
        fix: "Remove RESEND_BASE_URL to use Resend's own host.",
      }),
    ];
  const domains = await call(`${host.replace(/\/+$/, "")}/domains`, {
    headers: { authorization: `Bearer ${mail.apiKey}`, "user-agent": "cloudinary-webhooks" },
  });
  if (typeof domains === "string")
    return [notChecked("resend", "Resend", `${new URL(host).host} gave no answer: ${domains}.`)];
  if (property(domains.json, "name") === "restricted_api_key")
    return [
      ok("resend.key", "Resend accepts the API key"),
      notChecked(
        "resend.sender",
        "Whether the sender's domain is verified",
        "The key may not read that: it may only send.",
        "Look it up in Resend under Domains.",
      ),
    ];
  if (domains.status >= 500 || domains.status === 429)
    return [notChecked("resend.key", "The API key", `Resend answered ${domains.status}.`)];
  if (domains.status !== 200)
    return [
      failed("resend.key", "Resend rejects the API key", {
        why: "Every mail fails permanently.",
        fix: "Create a key with sending access in Resend under API Keys, and set RESEND_API_KEY.",
      }),
    ];
  return [ok("resend.key", "Resend accepts the API key"), senderFinding(mail, domains)];
}

function senderFinding({ from }: MailAccount, { json }: Called): Finding {
  const domain = from.slice(from.lastIndexOf("@") + 1).toLowerCase();
  const data = property(json, "data");
  const listed = (Array.isArray(data) ? data : []).filter(isObject);
  const own = listed.find(({ name }) => typeof name === "string" && name.toLowerCase() === domain);
  if (own?.status === "verified") return ok("resend.sender", "Resend has verified the sender's domain");
  return failed(
    "resend.sender",
    own
      ? "Resend has not verified the domain of FROM_VERIFIED_SENDER yet"
      : "The domain of FROM_VERIFIED_SENDER is not in Resend",
    {
      why: "Resend rejects every mail from it.",
      fix: own
        ? "Add the DNS records that Resend shows under Domains."
        : "Add and verify the domain in Resend under Domains, or set another sender.",
    },
  );
}
