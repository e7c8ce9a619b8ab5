import { createHmac, timingSafeEqual } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localCloudinary } from "../../../src/local/cloudinary/local-cloudinary.ts";
import { type FaultInput, Faults } from "../../../src/local/faults.ts";
import { localSendgrid } from "../../../src/local/sendgrid/local-sendgrid.ts";
import { serve } from "../../../src/local/server.ts";
import { freePort } from "../../support/free-port.ts";
import type { Journal } from "../journal.ts";
import type { Seeded } from "../seeded.ts";

/** The names and secrets of the run. None of the secrets may be seen in a log or a record. */
export const account = {
  cloud: "chaos",
  apiKey: "123456789012345",
  apiSecret: "api-secret-of-chaos-0123456",
  hookSecret: "hook-secret-of-chaos-012345",
  nextSecret: "next-secret-of-chaos-012345",
  sendgridKey: "SG.chaos-0123456789.abcdefghijklmnopqrstuvwxyz",
  pimSecret: Buffer.from("a secret of the product system!!").toString("base64"),
  databasePassword: "database-password-of-chaos",
  from: "sender@example.com",
  to: ["ada.lovelace@example.org", "grace.hopper@example.net"],
};

/** The probability that a request of a function to each service fails in some way. */
export interface WorldFaults {
  cloudinary: number;
  sendgrid: number;
  pim: number;
  /** The probability that a process which calls something is killed, before or after the effect. */
  killed: number;
}

type Service = "cloudinary" | "sendgrid" | "pim";

/** An effect of a function at Cloudinary. */
export interface Effect {
  /** When the call came: a fault can delay what it does. */
  calledAt: number;
  at: number;
  kind: "destroy" | "publish";
  publicId: string;
  /** The answer said that it was done. */
  done: boolean;
}

/** The newest state of a product that its system took, and how many messages it got. */
export interface TakenProduct {
  timestamp: string;
  images: { url: string; rendition: string; asset_id: string; version: number | null }[];
  taken: number;
}

export interface WorldOptions {
  random: Seeded;
  journal: Journal;
  /** A notification that the Cloudinary emulator would send. */
  onNotification: (body: string) => void;
  /** Kills a process that is at work. */
  onKill: () => void;
}

export type World = Awaited<ReturnType<typeof startWorld>>;

/** Everything that the functions call: the emulators of Cloudinary and SendGrid, and a product system of the run's own. */
export async function startWorld({ random, journal, onNotification, onKill }: WorldOptions) {
  const folder = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-chaos-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const cloudinary = await localCloudinary({
    dataDir: join(folder, "cloudinary"),
    cloudName: account.cloud,
    apiKey: account.apiKey,
    apiSecret: account.apiSecret,
    baseUrl: url,
    delayMs: 200,
    rateLimit: 1_000_000,
  });
  const sendgrid = await localSendgrid({ dataDir: join(folder, "sendgrid"), apiKey: account.sendgridKey });
  const effects: Effect[] = [];
  const products = new Map<string, TakenProduct>();
  /** Of each message that was taken, by its id: the product data. */
  const messages = new Map<string, string>();
  const wrongMessages: string[] = [];
  let faults: WorldFaults = { cloudinary: 0, sendgrid: 0, pim: 0, killed: 0 };
  let faultCount = 0;

  const serving = await serve({ port, fetch: answer });

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/relay") {
      onNotification(await request.text());
      return new Response(null, { status: 200 });
    }
    if (pathname === "/pim") return await failing("pim", request, takeProduct);
    if (pathname.startsWith("/v3/")) return await failing("sendgrid", request, takeMail);
    const calledAt = Date.now();
    return await failing("cloudinary", request, (one) => takeCall(one, calledAt));
  }

  async function failing(
    service: Service,
    request: Request,
    called: (request: Request) => Promise<Response>,
  ): Promise<Response> {
    const work = random.chance(faults.killed) ? killing(called) : called;
    if (!random.chance(faults[service])) return await work(request);
    const one = new Faults();
    const fault = faultOf(service);
    one.add(fault);
    faultCount += 1;
    const about = service === "sendgrid" ? await deliveryOf(request.clone()) : "";
    journal.note(about, `fault-${service} ${fault.kind} ${fault.status ?? fault.when ?? ""}`);
    return await one.around(request, work, ({ status, headers }) => refusal(service, status, headers));
  }

  function killing(called: (request: Request) => Promise<Response>) {
    const isBefore = random.chance(0.4);
    return async (request: Request) => {
      if (isBefore) onKill();
      const answered = await called(request);
      if (!isBefore) onKill();
      return answered;
    };
  }

  function faultOf(service: Service): FaultInput {
    const when = random.pick(["before-body", "after-body", "after-work"] as const);
    // SendGrid's 200 without a mail would be SendGrid's own lie, which nothing can find.
    const garbled =
      service === "cloudinary" ? random.pick(["after-body", "after-work"] as const) : "after-work";
    return random.pick<FaultInput>([
      { kind: "status", status: 429, headers: { "retry-after": "1" } },
      { kind: "status", status: random.pick([500, 502, 503]) },
      { kind: "hang", when },
      { kind: "reset", when },
      { kind: "reset", when },
      { kind: "not-json", when: garbled },
      { kind: "delay", delayMs: random.between(200, 3_000) },
    ]);
  }

  async function takeMail(request: Request): Promise<Response> {
    const answered = await sendgrid.fetch(request);
    return answered ?? new Response(null, { status: 404 });
  }

  async function takeCall(request: Request, calledAt: number): Promise<Response> {
    const effect = await effectOf(request.clone());
    const answered = (await cloudinary.fetch(request)) ?? new Response(null, { status: 404 });
    if (effect) {
      const said: unknown = await answered.clone().json();
      const done = answered.ok && !(isRecord(said) && said.result === "not found");
      effects.push({ ...effect, calledAt, at: Date.now(), done });
      journal.note(
        effect.publicId,
        `effect ${effect.kind} ${done ? "done" : `not done (${answered.status})`}`,
      );
    }
    return answered;
  }

  /** The receiver of Standard Webhooks as its documentation describes one: checks, recognises repeats, keeps what is newer. */
  async function takeProduct(request: Request): Promise<Response> {
    const body = await request.text();
    const id = request.headers.get("webhook-id") ?? "";
    const signed = `${id}.${request.headers.get("webhook-timestamp")}.${body}`;
    const expected = createHmac("sha256", Buffer.from(account.pimSecret, "base64")).update(signed).digest();
    const signatures = (request.headers.get("webhook-signature") ?? "").split(" ");
    const isGenuine = signatures.some((one) => {
      const bytes = Buffer.from(one.replace(/^v1,/, ""), "base64");
      return bytes.length === expected.length && timingSafeEqual(bytes, expected);
    });
    if (!isGenuine) {
      wrongMessages.push(`${id} has a wrong signature`);
      return new Response(null, { status: 401 });
    }
    const { timestamp, data } = JSON.parse(body);
    const content = JSON.stringify(data);
    const repeated = messages.get(id);
    if (repeated !== undefined) {
      // A receiver drops what has an id that it knows, so newer content under it would be lost.
      if (repeated !== content) wrongMessages.push(`${id} stands for two contents of ${data.sku}`);
      return new Response(null, { status: 200 });
    }
    messages.set(id, content);
    const before = products.get(data.sku);
    journal.note(data.sku, `product-message ${id} of ${timestamp}: ${data.images.length} pictures`);
    if (before === undefined || before.timestamp <= timestamp)
      products.set(data.sku, { timestamp, images: data.images, taken: (before?.taken ?? 0) + 1 });
    return new Response(null, { status: 200 });
  }

  return {
    url,
    mailbox: sendgrid.mailbox,
    assets: () => cloudinary.cloud.store.state.assets,
    effects,
    products,
    wrongMessages,
    faultCount: () => faultCount,
    setFaults(changed: Partial<WorldFaults>) {
      faults = { ...faults, ...changed };
    },
    /** A call of the team's own programs to Cloudinary, which never fails. */
    async call(path: string, params: Record<string, string>): Promise<unknown> {
      const answered = await cloudinary.fetch(
        new Request(`${url}/v1_1/${account.cloud}${path}`, {
          method: "POST",
          headers: {
            authorization: `Basic ${Buffer.from(`${account.apiKey}:${account.apiSecret}`).toString("base64")}`,
          },
          body: new URLSearchParams(params),
        }),
      );
      const said: unknown = await answered?.json();
      if (!answered?.ok)
        throw new Error(`Cloudinary's emulator answers ${answered?.status}: ${JSON.stringify(said)}`);
      return said;
    },
    async close() {
      await serving.close();
      await cloudinary.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function refusal(service: Service, status: number, headers: Record<string, string>): Response {
  const message = "a fault of the run";
  const body = service === "cloudinary" ? { error: { message } } : { errors: [{ message }] };
  return Response.json(body, { status, headers });
}

/** The delivery that a mail belongs to; empty if the request ended before its body. */
async function deliveryOf(request: Request): Promise<string> {
  const text = await request.text().catch(() => "");
  return /"delivery_id":"([0-9a-f-]{36})"/.exec(text)?.[1] ?? "";
}

/** What a call changes, read from the request alone. */
async function effectOf(request: Request): Promise<Pick<Effect, "kind" | "publicId"> | null> {
  const { pathname } = new URL(request.url);
  if (request.method === "GET") return null;
  const form = await request.formData().catch(() => new FormData());
  const text = (name: string) => String(form.get(name) ?? "");
  if (pathname.endsWith("/destroy")) return { kind: "destroy", publicId: text("public_id") };
  if (text("access_control") === "") return null;
  const named = text("public_id") || decodeURIComponent(pathname.split("/").at(-1) ?? "");
  return { kind: "publish", publicId: named };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
