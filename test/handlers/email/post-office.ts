import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import type { MailAccount } from "../../../src/config.types.ts";
import { type EmailOptions, email } from "../../../src/handlers/email/handler.ts";
import { type DeliverOptions, deliver } from "../../../src/lib/deliveries/deliver.ts";
import { envelope } from "../../../src/lib/receive/envelope.ts";
import { record } from "../../../src/lib/receive/record.ts";
import { localResend } from "../../../src/local/resend/local-resend.ts";
import type { EventWebhook } from "../../../src/local/sendgrid/events.ts";
import { localSendgrid } from "../../../src/local/sendgrid/local-sendgrid.ts";
import { serve } from "../../../src/local/server.ts";
import { settings } from "../../../src/settings.ts";
import type { EmailSettings, Settings } from "../../../src/settings.types.ts";
import { breakable } from "../../support/breakable.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { type DeliveryRow, deliveriesOf, unhurried } from "../../support/deliveries.ts";

export const apiKey = "SG.test-key_0123456789.abcdefghijklmnopqrstuvwxyz";

/** What SendGrid was asked to send, as the wire had it. */
export interface SentRequest {
  authorization: string | null;
  connection: string | null;
  personalizations: { to: { email: string }[]; custom_args: Record<string, string> }[];
  from: { email: string };
  subject: string;
  content: { type: string; value: string }[];
  headers: Record<string, string>;
  tracking_settings: Record<string, Record<string, boolean>>;
  mail_settings?: { sandbox_mode: { enable: boolean } };
}

export interface DeliverChanges {
  email?: Partial<EmailSettings>;
  account?: Partial<MailAccount> | null;
  options?: EmailOptions;
  run?: Partial<DeliverOptions>;
}

/** A database, the local providers, and the worker between them. With Resend, `requests` counts them and no more. */
export async function postOffice(
  database?: TestDatabase,
  events?: EventWebhook,
  provider: MailAccount["provider"] = "sendgrid",
) {
  const base = database ?? (await realDatabase());
  const dataDir = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-mail-"));
  const sendgrid = await localSendgrid({ dataDir, apiKey, ...(events && { events }) });
  const resend = localResend({ mailbox: sendgrid.mailbox, apiKey });
  const requests: SentRequest[] = [];
  const { fetch, breakConnections } = breakable(async (request) => {
    const copy = request.clone();
    const reading = copy.json().then(
      (body) => {
        const sent = body as Omit<SentRequest, "authorization" | "connection">;
        const [authorization, connection] = [
          copy.headers.get("authorization"),
          copy.headers.get("connection"),
        ];
        requests.push({ ...sent, authorization, connection });
      },
      () => undefined, // A fault may end the request before its body.
    );
    const answer = (await sendgrid.fetch(request)) ?? (await resend.fetch(request));
    await reading;
    return answer ?? new Response(null, { status: 404 });
  });
  const serving = await serve({ port: 0, fetch });
  const account: MailAccount = {
    provider,
    apiKey,
    from: "sender@shop.example",
    to: ["ada@example.com", "grace@example.org"],
    baseUrl: provider === "resend" ? `${serving.url}/resend` : serving.url,
  };

  return {
    db: base.db,
    databaseUrl: base.url,
    /** Until the Event Webhook has posted what was caused. */
    eventsPosted: () => sendgrid.idle(),
    faults: provider === "resend" ? resend.faults : sendgrid.faults,
    requests,
    /** Ends those who wait for the provider's answer, as the loss of the network does. */
    breakConnections,
    mails: () => sendgrid.mailbox.list(),
    url: serving.url,
    /** Records a body with an e-mail delivery, due at once; returns the notification's id. */
    async arrive(body: object): Promise<string> {
      return await this.arriveText(JSON.stringify(body));
    },
    async arriveText(body: string): Promise<string> {
      const bytes = Buffer.from(body);
      const { id } = await record(base.db, {
        envelope: envelope(bytes, String(Math.floor(Date.now() / 1_000)), new Date()),
        body: bytes,
        headers: {},
        source: "webhook",
        cloud: null,
        signedAt: new Date(),
        secretName: "test",
        algorithm: "sha1",
        unexpectedFor: null,
        handlers: ["email"],
        handlersOncePublic: [],
      });
      return id;
    },
    /** Works until nothing is due. */
    async work({ email: changed = {}, account: other = {}, options = {}, run = {} }: DeliverChanges = {}) {
      const used: Settings = { ...settings, email: { ...settings.email, timeoutMs: 30_000, ...changed } };
      return await deliver({
        db: base.db,
        handlers: [email(other && { ...account, ...other }, options)],
        settings: used,
        ...unhurried,
        budgetMs: 240_000,
        random: () => 0.5,
        ...run,
      });
    },
    async delivery(notificationId: string): Promise<DeliveryRow> {
      const [row] = await deliveriesOf(base.db, notificationId);
      if (!row) throw new Error(`notification ${notificationId} has no delivery`);
      return row;
    },
    async clear(): Promise<void> {
      await sendgrid.idle();
      await base.db.query("delete from notifications");
      await sendgrid.mailbox.clear();
      sendgrid.faults.clear();
      resend.faults.clear();
      requests.length = 0;
    },
    async close(): Promise<void> {
      await serving.close();
      if (!database) await base.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/**
 * Sets the clock five seconds into a minute, so that none ends while a test runs: what gathers for a digest waits for the next. Only the
 * clock stands still; timers go on.
 */
export function holdClock(afterwards: (restore: () => void) => void): void {
  vi.useFakeTimers({ now: Math.floor(Date.now() / 60_000) * 60_000 + 5_000, toFake: ["Date"] });
  afterwards(() => void vi.useRealTimers());
}

export type PostOffice = Awaited<ReturnType<typeof postOffice>>;
