import { randomBytes } from "node:crypto";
import { type Fault, Faults } from "../faults.ts";
import { type EventWebhook, eventSender, eventsOf } from "./events.ts";
import { plainError, refusal } from "./mail-error.ts";
import { openMailbox } from "./mailbox.ts";
import { listPage, mailHtml, mailPage } from "./mailbox-pages.ts";
import { check } from "./rules.ts";

export interface LocalSendgridOptions {
  /** The folder for the mails; created if missing. */
  dataDir: string;
  /** The accepted API key; by default any key of the right format. */
  apiKey?: string;
  /** Single Sender Verification: addresses and whether each is verified; by default none. */
  senders?: Readonly<Record<string, boolean>>;
  /** Authenticated domains; by default those reserved for documentation. */
  domains?: readonly string[];
  /** The key's scopes; by default all that the emulator supports. */
  scopes?: readonly string[];
  /** Where the Event Webhook posts to, and the private key that signs; by default no events are sent. */
  events?: EventWebhook;
  now?: () => number;
}

const defaultDomains = ["example.com", "example.org", "example.net"];
const defaultScopes = ["mail.send", "mail.batch.create", "sender_verification_eligible", "whitelabel.read"];

export type LocalSendgrid = Awaited<ReturnType<typeof localSendgrid>>;

const maxBytes = 30 * 1024 * 1024;

/**
 * Emulates SendGrid's `/v3/mail/send`, the calls about the key and the senders, and serves a mailbox to read. `fetch`
 * returns null for other paths.
 */
export async function localSendgrid(options: LocalSendgridOptions) {
  const mailbox = await openMailbox(options.dataDir);
  const faults = new Faults();
  const now = options.now ?? Date.now;
  const events = options.events ? eventSender(options.events) : null;

  async function api(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (!isAllowed(request, options.apiKey)) {
      return refusal(401, [plainError("The provided authorization grant is invalid, expired, or revoked")]);
    }
    if (pathname === "/v3/mail/batch" && request.method === "POST") {
      return Response.json({ batch_id: randomBytes(24).toString("base64url") }, { status: 201 });
    }
    const setting = request.method === "GET" ? accountAnswer(pathname) : null;
    if (setting !== null) return Response.json(setting);
    if (pathname !== "/v3/mail/send") return refusal(404, [plainError("Not Found")]);
    if (request.method !== "POST") return refusal(405, [plainError("Method Not Allowed")], { Allow: "POST" });
    return send(request);
  }

  /** The data that SendGrid shows on the account's own pages; null for other paths. */
  function accountAnswer(pathname: string): object | null {
    switch (pathname) {
      case "/v3/scopes":
        return { scopes: options.scopes ?? defaultScopes };
      case "/v3/verified_senders":
        return {
          results: Object.entries(options.senders ?? {}).map(([email, verified], index) => ({
            id: index + 1,
            from_email: email,
            verified,
            locked: false,
          })),
        };
      case "/v3/whitelabel/domains":
        return (options.domains ?? defaultDomains).map((domain, index) => ({
          id: index + 1,
          domain,
          subdomain: "em",
          valid: true,
        }));
      default:
        return null;
    }
  }

  async function send(request: Request): Promise<Response> {
    const text = await request.text();
    if (Buffer.byteLength(text) > maxBytes) return refusal(413, [plainError("Payload Too Large")]);
    const body = parsed(text);
    if (body === undefined) return refusal(400, [plainError("Bad Request")]);
    const checked = check(body, now() / 1_000);
    if (!checked.ok) return refusal(400, checked.errors);
    if (checked.mail.mail_settings?.sandbox_mode?.enable === true) return new Response(null, { status: 200 });
    const messageId = randomBytes(16).toString("base64url");
    await mailbox.put(checked.mail, { messageId, receivedAt: new Date(now()).toISOString() });
    events?.send(eventsOf(checked.mail, { messageId, at: now() }));
    return new Response(null, { status: 202, headers: { "X-Message-Id": messageId } });
  }

  return {
    mailbox,
    faults,
    /** Until the events that were caused are posted. */
    idle: async () => await events?.idle(),
    async fetch(request: Request): Promise<Response | null> {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith("/v3/")) return faults.around(request, api, faultAnswer);
      if (pathname !== "/mailbox" && !/^\/mailbox[./]/.test(pathname)) return null;
      if (pathname === "/mailbox" && request.method === "DELETE") {
        await mailbox.clear();
        return new Response(null, { status: 204 });
      }
      return read(pathname);
    },
  };

  function read(pathname: string): Response {
    if (pathname === "/mailbox") return listPage(mailbox.list());
    if (pathname === "/mailbox.json") return Response.json({ mails: mailbox.list() });
    const [, name = "", extension] = /^\/mailbox\/(.+?)(\.html|\.json)?$/.exec(pathname) ?? [];
    const mail = mailbox.find(decodeURIComponent(name));
    if (mail === undefined) return new Response("No such mail.\n", { status: 404 });
    if (extension === ".json") return Response.json(mail);
    return extension === ".html" ? mailHtml(mail) : mailPage(mail);
  }

  /** A 429 has a retry time, as SendGrid's does. */
  function faultAnswer(fault: Fault): Response {
    const reset = {
      "X-RateLimit-Limit": "600",
      "X-RateLimit-Remaining": "0",
      "X-RateLimit-Reset": String(Math.ceil(now() / 1_000) + 1),
    };
    const headers = { ...(fault.status === 429 ? reset : {}), ...fault.headers };
    const words = fault.body ?? (fault.status === 429 ? "too many requests" : "Fault on request");
    return refusal(fault.status, [plainError(words)], headers);
  }
}

function isAllowed(request: Request, apiKey: string | undefined): boolean {
  const [, key] = /^Bearer (\S+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
  return key !== undefined && (apiKey === undefined || key === apiKey);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // SendGrid says "Bad Request" and no more.
    return undefined;
  }
}
