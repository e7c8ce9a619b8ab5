import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import { type Fault, Faults } from "../faults.ts";
import type { Mailbox } from "../sendgrid/mailbox.ts";

export interface LocalResendOptions {
  /** Where the mails appear; shared with the SendGrid emulator. */
  mailbox: Mailbox;
  /** The accepted API key; by default any key that begins with `re_`. */
  apiKey?: string;
  /** Verified domains; by default those reserved for documentation. */
  domains?: readonly string[];
  /** `sending`: a key that may only send. */
  permission?: "full" | "sending";
  now?: () => number;
}

export type LocalResend = ReturnType<typeof localResend>;

const defaultDomains = ["example.com", "example.org", "example.net", "shop.example"];
const dayMs = 24 * 60 * 60_000;

/** Of the API's description: https://resend.com/docs/api-reference/emails/send-batch-emails */
const mailSchema = z.looseObject({
  from: z.string(),
  to: z.union([z.string(), z.array(z.string()).min(1).max(50)]),
  subject: z.string(),
  html: z.string().optional(),
  text: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  tags: z
    .array(
      z.object({
        name: z.string().regex(/^[A-Za-z0-9_-]{1,256}$/),
        value: z.string().regex(/^[A-Za-z0-9_-]{1,256}$/),
      }),
    )
    .optional(),
});
type ResendMail = z.infer<typeof mailSchema>;

const maxMails = 100;

/** Emulates Resend's batch sending with idempotency keys, and the list of domains, under `/resend`. `fetch` returns null for other paths. */
export function localResend(options: LocalResendOptions) {
  const faults = new Faults();
  const now = options.now ?? Date.now;
  const keys = new Map<string, { hash: string; at: number; answer: object | null }>();

  async function api(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.replace(/^\/resend/, "");
    const refused = keyProblem(request, options);
    if (refused) return refused;
    if (!request.headers.get("user-agent")) return refusal(403, "validation_error", "error code: 1010");
    if (path === "/domains" && request.method === "GET") {
      if (options.permission === "sending")
        return refusal(401, "restricted_api_key", "This API key is restricted to only send emails");
      const data = (options.domains ?? defaultDomains).map((name) => ({
        id: randomUUID(),
        name,
        status: "verified",
      }));
      return Response.json({ object: "list", has_more: false, data });
    }
    if (path !== "/emails/batch") return refusal(404, "not_found", "The requested endpoint does not exist.");
    if (request.method !== "POST") return refusal(405, "method_not_allowed", "Method is not allowed.");
    return await once(request, await request.text());
  }

  /** Answers a request whose key was used within 24 hours as before, without sending. */
  async function once(request: Request, text: string): Promise<Response> {
    const key = request.headers.get("idempotency-key");
    if (key === null) return await send(request, text);
    if (key.length < 1 || key.length > 256)
      return refusal(400, "invalid_idempotency_key", "The key must be between 1-256 chars.");
    const hash = createHash("sha256").update(text).digest("hex");
    const earlier = keys.get(key);
    if (earlier && now() - earlier.at < dayMs) {
      if (earlier.hash !== hash)
        return refusal(
          409,
          "invalid_idempotent_request",
          "Same idempotency key used with a different request payload.",
        );
      if (earlier.answer === null)
        return refusal(
          409,
          "concurrent_idempotent_requests",
          "Same idempotency key used while original request is still in progress.",
        );
      return Response.json(earlier.answer);
    }
    const entry = { hash, at: now(), answer: null as object | null };
    keys.set(key, entry);
    const response = await send(request, text);
    if (response.status === 200) entry.answer = (await response.clone().json()) as object;
    else keys.delete(key);
    return response;
  }

  async function send(request: Request, text: string): Promise<Response> {
    const body = parsed(text);
    if (!Array.isArray(body) || body.length === 0 || body.length > maxMails)
      return refusal(422, "validation_error", `The request must be a list of 1 to ${maxMails} emails.`);
    const checked = body.map((mail) => check(mail));
    const errors = checked.flatMap((one, index) => ("error" in one ? [{ index, message: one.error }] : []));
    const isPermissive = request.headers.get("x-batch-validation") === "permissive";
    const [first] = errors;
    if (first && !isPermissive) return refusal(422, "validation_error", first.message);
    const data: { id: string }[] = [];
    for (const one of checked)
      if ("mail" in one) {
        const id = randomUUID();
        await put(one.mail, id);
        data.push({ id });
      }
    return Response.json({ data, ...(isPermissive && { errors }) });
  }

  function check(value: unknown): { mail: ResendMail } | { error: string } {
    const read = mailSchema.safeParse(value);
    if (!read.success) {
      const [issue] = read.error.issues;
      return { error: `Missing or invalid \`${issue?.path.join(".") ?? "body"}\` field.` };
    }
    const mail = read.data;
    const form =
      "The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.";
    if (!isAddress(mail.from)) return { error: `Invalid \`from\` field. ${form}` };
    const domain = domainOf(mail.from);
    if (!(options.domains ?? defaultDomains).includes(domain))
      return {
        error: `The ${domain} domain is not verified. Please, add and verify your domain on https://resend.com/domains`,
      };
    if ([mail.to].flat().some((to) => !isAddress(to))) return { error: `Invalid \`to\` field. ${form}` };
    if (mail.html === undefined && mail.text === undefined)
      return { error: "Missing `html` or `text` field." };
    return { mail };
  }

  async function put(mail: ResendMail, messageId: string): Promise<void> {
    await options.mailbox.put(
      {
        personalizations: [
          {
            to: [mail.to].flat().map((to) => ({ email: addressOf(to) })),
            headers: mail.headers ?? {},
            custom_args: Object.fromEntries((mail.tags ?? []).map(({ name, value }) => [name, value])),
          },
        ],
        from: { email: addressOf(mail.from) },
        ...(mail.subject !== "" && { subject: mail.subject }),
        content: [
          ...(mail.text === undefined ? [] : [{ type: "text/plain", value: mail.text }]),
          ...(mail.html === undefined ? [] : [{ type: "text/html", value: mail.html }]),
        ],
      },
      { messageId, receivedAt: new Date(now()).toISOString() },
    );
  }

  return {
    faults,
    async fetch(request: Request): Promise<Response | null> {
      if (!new URL(request.url).pathname.startsWith("/resend/")) return null;
      return await faults.around(request, api, faultAnswer);
    },
  };
}

/** A 429 has a retry time, as Resend's does. */
function faultAnswer(fault: Fault): Response {
  const limit = {
    "ratelimit-limit": "2",
    "ratelimit-remaining": "0",
    "ratelimit-reset": "1",
    "Retry-After": "1",
  };
  const name =
    fault.status === 429
      ? "rate_limit_exceeded"
      : fault.status >= 500
        ? "internal_server_error"
        : "validation_error";
  const message = fault.body ?? (fault.status === 429 ? "Too many requests." : "Fault on request.");
  return refusal(fault.status, name, message, { ...(fault.status === 429 ? limit : {}), ...fault.headers });
}

function keyProblem(request: Request, { apiKey }: LocalResendOptions): Response | null {
  const [, key] = /^Bearer (\S+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
  if (key === undefined) return refusal(401, "missing_api_key", "Missing API Key");
  const isKnown = apiKey === undefined ? key.startsWith("re_") : key === apiKey;
  return isKnown ? null : refusal(401, "validation_error", "API key is invalid");
}

function refusal(
  statusCode: number,
  name: string,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ statusCode, name, message }, { status: statusCode, headers });
}

const addressOf = (text: string): string => /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text.trim();
const domainOf = (text: string): string => addressOf(text).split("@").at(-1)?.toLowerCase() ?? "";
const isAddress = (text: string): boolean => /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(addressOf(text));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
