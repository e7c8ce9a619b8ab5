import { z } from "zod";
import { catalogueSchema } from "./akeneo/catalogue.ts";
import type { LocalAkeneo } from "./akeneo/local-akeneo.ts";
import type { LocalChat } from "./chat/local-chat.ts";
import type { LocalCloudinary } from "./cloudinary/local-cloudinary.ts";
import { notificationFaultSchema } from "./cloudinary/notifications/notification-faults.ts";
import { notify } from "./cloudinary/notifications/notify.ts";
import type { SentNotification } from "./cloudinary/store/cloud.ts";
import { faultSchema } from "./faults.ts";
import type { Forwarded } from "./queues/forwarded.ts";
import type { LocalRekognition } from "./rekognition/local-rekognition.ts";
import type { LocalResend } from "./resend/local-resend.ts";
import { sampleAsset, sampleRequest } from "./sample-assets.ts";
import type { LocalSendgrid } from "./sendgrid/local-sendgrid.ts";

const faultRequest = faultSchema.extend({
  service: z.enum(["cloudinary", "sendgrid", "resend", "chat", "akeneo", "rekognition"]),
});
const limitRequest = z.object({
  allowed: z.number().int().optional(),
  remaining: z.number().int().optional(),
});

const settingsRequest = z.strictObject({
  delayMs: z.number().int().min(0).optional(),
  explicitTells: z.array(z.enum(["moderation", "access_control"])).optional(),
  folderMode: z.enum(["dynamic", "fixed"]).optional(),
  backup: z.boolean().optional(),
});
const eventRequest = z.object({ type: z.string(), body: z.record(z.string(), z.json()).default({}) });

/** The embedded database of the stack, which can be made unreachable. */
export interface DatabaseSwitch {
  /** Until then, in milliseconds since 1970, connections are closed; null: they are not. */
  awayUntil(): number | null;
  setAway(until: number | null): void;
}

const databaseRequest = z.strictObject({ forMs: z.number().int().min(1).max(3_600_000) });

/** The objects that the control endpoints change and show. */
export interface Controlled {
  /** null if it is not the embedded one. */
  database: DatabaseSwitch | null;
  cloudinary: LocalCloudinary;
  /** The emulators of further clouds; `?cloud=` chooses one for `samples` and `events`. */
  others: readonly LocalCloudinary[];
  sendgrid: LocalSendgrid;
  resend: LocalResend;
  chat: LocalChat;
  /** null if it is not running. */
  akeneo: LocalAkeneo | null;
  /** null if it is not running. */
  rekognition: LocalRekognition | null;
  /** null if it is not emulated. */
  forwarded: Forwarded | null;
  /** Attempts to send notifications, oldest first. */
  sent: readonly SentNotification[];
}

/**
 * `/_control/…`, for tests and demonstrations: `faults` (GET, POST, DELETE), `notification-faults`, `settings`, `events`
 * and `rate-limit` (POST), `database` (POST: makes it unreachable for a time), `samples` (POST: an asset for a simulated notification), `akeneo` (GET, POST: its products), `rekognition` (GET: its collections), `forwarded` (GET: what `forward` sent), `status` (the amount of due work) and `notifications` (every attempt with its outcome).
 */
export async function control(parts: Controlled, request: Request): Promise<Response | null> {
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith("/_control/")) return null;
  // A page on another site can post a form, but not JSON.
  if (request.method === "POST" && !request.headers.get("content-type")?.startsWith("application/json")) {
    return new Response("Send JSON.\n", { status: 415 });
  }
  const { cloudinary, others, sendgrid, resend, chat, akeneo, rekognition } = parts;
  const named = new URL(request.url).searchParams.get("cloud");
  const asked = others.find(({ cloud }) => cloud.cloudName === named) ?? cloudinary;
  switch (`${request.method} ${pathname.slice("/_control/".length)}`) {
    case "GET faults":
      return Response.json({
        cloudinary: cloudinary.faults.list(),
        sendgrid: sendgrid.faults.list(),
        resend: resend.faults.list(),
        chat: chat.faults.list(),
        akeneo: akeneo?.faults.list() ?? [],
        rekognition: rekognition?.faults.list() ?? [],
        notifications: cloudinary.cloud.notificationFaults.list(),
        database: { awayUntil: parts.database?.awayUntil() ?? null },
      });
    case "DELETE faults":
      cloudinary.faults.clear();
      cloudinary.cloud.notificationFaults.clear();
      sendgrid.faults.clear();
      resend.faults.clear();
      chat.faults.clear();
      akeneo?.faults.clear();
      rekognition?.faults.clear();
      parts.database?.setAway(null);
      return new Response(null, { status: 204 });
    case "POST faults":
      return accept(request, faultRequest, ({ service, ...fault }) => parts[service]?.faults.add(fault));
    case "POST database": {
      const { database } = parts;
      if (database === null) return new Response("The database is not the embedded one.\n", { status: 404 });
      return accept(request, databaseRequest, ({ forMs }) => database.setAway(Date.now() + forMs));
    }
    case "POST notification-faults":
      return accept(request, notificationFaultSchema, (fault) =>
        cloudinary.cloud.notificationFaults.add(fault),
      );
    case "POST settings":
      return accept(request, settingsRequest, (values) => Object.assign(cloudinary.cloud, values));
    case "POST events":
      return accept(request, eventRequest, ({ type, body }) =>
        notify(asked.cloud, { type, body, notificationUrl: null }),
      );
    case "POST rate-limit":
      return accept(request, limitRequest, (values) => cloudinary.limit.set(values));
    case "POST samples":
      return replying(request, sampleRequest, (wanted) => sampleAsset(asked.cloud, wanted));
    case "GET akeneo":
      return akeneo ? Response.json(akeneo.state.catalogue.list()) : noAkeneo();
    case "POST akeneo":
      return akeneo ? accept(request, catalogueSchema, (catalogue) => akeneo.fill(catalogue)) : noAkeneo();
    case "GET rekognition":
      return Response.json({ collections: rekognition?.collections.state ?? [] });
    case "GET forwarded":
      return Response.json({ messages: parts.forwarded?.messages() ?? [] });
    case "GET status":
      return Response.json({
        cloudName: cloudinary.cloud.cloudName,
        otherClouds: others.map(({ cloud }) => cloud.cloudName),
        due: cloudinary.cloud.store.state.jobs.length,
      });
    case "GET notifications":
      return Response.json({ notifications: parts.sent });
    default:
      return new Response("No such control.\n", { status: 404 });
  }
}

function noAkeneo(): Response {
  return new Response("The Akeneo emulator is not running; LOCAL_AKENEO=true starts it.\n", { status: 404 });
}

async function accept<T>(request: Request, schema: z.ZodType<T>, act: (value: T) => void): Promise<Response> {
  const parsed = await parse(request, schema);
  if (parsed instanceof Response) return parsed;
  act(parsed.value);
  return new Response(null, { status: 204 });
}

/** The same for acts with a result. */
async function replying<T>(
  request: Request,
  schema: z.ZodType<T>,
  act: (value: T) => Promise<object | null>,
): Promise<Response> {
  const parsed = await parse(request, schema);
  return parsed instanceof Response ? parsed : Response.json(await act(parsed.value));
}

async function parse<T>(request: Request, schema: z.ZodType<T>): Promise<{ value: T } | Response> {
  const parsed = schema.safeParse(await request.json().catch(() => null));
  return parsed.success
    ? { value: parsed.data }
    : new Response(`${z.prettifyError(parsed.error)}\n`, { status: 400 });
}
