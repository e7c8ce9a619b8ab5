import type { MailAccount } from "../../config.types.ts";
import { isObject, property } from "../../lib/shared/json.ts";
import { isLoopback } from "../../lib/shared/loopback.ts";
import { type Called, call } from "../call.ts";
import type { DoctorContext } from "../context.ts";
import { type Finding, failed, notChecked, ok } from "../finding.ts";

const hosts = { global: "https://api.sendgrid.com", eu: "https://api.eu.sendgrid.com" };

/** Whether SendGrid accepts the key, the sender and a mail; in sandbox mode, so that nothing is sent. */
export async function checkSendgrid({ config, settings }: DoctorContext): Promise<Finding[]> {
  if (settings.email.provider !== "sendgrid") return [];
  const { mail } = config;
  if (mail === null)
    return [
      notChecked(
        "sendgrid",
        "SendGrid",
        "SENDGRID_API_KEY, FROM_VERIFIED_SENDER or TO_RECIPIENTS is not set.",
      ),
    ];
  const host = mail.baseUrl ?? hosts[settings.email.region];
  if (!URL.canParse(host) || (!host.startsWith("https:") && !isLoopback(new URL(host))))
    return [
      failed("sendgrid.host", "SENDGRID_BASE_URL is not an https:// address", {
        why: "The key would cross the network in clear text, or no mail is sent.",
        fix: "Remove SENDGRID_BASE_URL to use SendGrid's own host.",
      }),
    ];
  const ask = (path: string, init: RequestInit = {}) =>
    call(`${host.replace(/\/+$/, "")}/v3${path}`, {
      ...init,
      headers: { authorization: `Bearer ${mail.apiKey}`, "content-type": "application/json" },
    });
  const scopes = await ask("/scopes");
  if (typeof scopes === "string")
    return [notChecked("sendgrid", "SendGrid", `${new URL(host).host} gave no answer: ${scopes}.`)];
  if (scopes.status === 401) return [rejectedKey(settings.email.region)];
  const [senders, domains, sandbox] = await Promise.all([
    ask("/verified_senders"),
    ask("/whitelabel/domains"),
    ask("/mail/send", { method: "POST", body: JSON.stringify(sandboxMail(mail.from)) }),
  ]);
  return [keyFinding(scopes), senderFinding(mail, senders, domains), sandboxFinding(sandbox)];
}

const rejectedKey = (region: "global" | "eu"): Finding =>
  failed("sendgrid.key", "SendGrid rejects the API key", {
    why: "Every mail fails permanently.",
    fix: `Create a key with the permission Mail Send in SendGrid under Settings, API Keys${region === "eu" ? ", of a subuser with EU data residency" : ""}, and set SENDGRID_API_KEY.`,
  });

function keyFinding({ status, json }: Called): Finding {
  const scopes = property(json, "scopes");
  if (status === 200 && Array.isArray(scopes) && !scopes.includes("mail.send"))
    return failed("sendgrid.key", "The API key may not send mail", {
      why: "Every mail fails permanently.",
      fix: "Give the key the permission Mail Send in SendGrid under Settings, API Keys.",
    });
  return status === 200
    ? ok("sendgrid.key", "SendGrid accepts the API key")
    : notChecked("sendgrid.key", "What the API key may do", `SendGrid answered ${status}.`);
}

/** By Single Sender Verification, or by an authenticated domain. */
function senderFinding({ from }: MailAccount, senders: Called | string, domains: Called | string): Finding {
  const domain = from.slice(from.lastIndexOf("@") + 1).toLowerCase();
  const listed = entries(typeof senders === "string" ? undefined : property(senders.json, "results"));
  const authenticated = entries(typeof domains === "string" ? undefined : domains.json);
  const own = listed.find((one) => textOf(one.from_email).toLowerCase() === from.toLowerCase());
  const isOfDomain = authenticated.some(
    ({ domain: name, valid }) =>
      valid === true &&
      (domain === textOf(name).toLowerCase() || domain.endsWith(`.${textOf(name).toLowerCase()}`)),
  );
  if (own?.verified === true || isOfDomain)
    return ok(
      "sendgrid.sender",
      `SendGrid has verified the sender, by ${isOfDomain ? "its domain" : "its address"}`,
    );
  const isKnown = [senders, domains].every((answer) => typeof answer !== "string" && answer.status === 200);
  if (!isKnown)
    return notChecked(
      "sendgrid.sender",
      "Whether the sender is verified",
      "The key may not read that: it has Mail Send only.",
      "Look it up in SendGrid under Settings, Sender Authentication.",
    );
  return failed(
    "sendgrid.sender",
    own
      ? "SendGrid has not verified the address in FROM_VERIFIED_SENDER yet"
      : "The address in FROM_VERIFIED_SENDER is no verified sender at SendGrid",
    {
      why: "SendGrid rejects every mail from it with 403.",
      fix: own
        ? "Open the link in the mail that SendGrid sent to this address."
        : "Verify the address or its domain in SendGrid under Settings, Sender Authentication, or set another sender.",
    },
  );
}

/** Addressed to the sender itself. In sandbox mode it is checked and not delivered, and costs no credit. */
function sandboxMail(from: string) {
  return {
    personalizations: [{ to: [{ email: from }] }],
    from: { email: from },
    subject: "Check of the configuration",
    content: [{ type: "text/plain", value: "This mail is only checked and not delivered." }],
    mail_settings: { sandbox_mode: { enable: true } },
  };
}

function sandboxFinding(answer: Called | string): Finding {
  if (typeof answer === "string")
    return notChecked("sendgrid.sandbox", "A mail in sandbox mode", `${answer}.`);
  const { status, text } = answer;
  if (status === 200 || status === 202)
    return ok("sendgrid.sandbox", "SendGrid accepts a mail in sandbox mode");
  if (status === 429)
    return notChecked("sendgrid.sandbox", "A mail in sandbox mode", "SendGrid's rate limit is reached.");
  if (status >= 500)
    return notChecked("sendgrid.sandbox", "A mail in sandbox mode", `SendGrid answered ${status}.`);
  const isSender = /sender identity/i.test(text);
  return failed("sendgrid.sandbox", `SendGrid rejects a mail in sandbox mode with ${status}`, {
    why: isSender ? "The sender is not verified: every mail fails." : "Every mail fails permanently.",
    fix: isSender
      ? "Verify the sender in SendGrid under Settings, Sender Authentication."
      : "Check the key's permission Mail Send, and the form of FROM_VERIFIED_SENDER.",
  });
}

function entries(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject).map((one) => ({ ...one })) : [];
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
