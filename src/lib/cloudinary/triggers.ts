import * as z from "zod";
import type { CloudinaryAccount } from "../../config.ts";
import { type CallLimits, callRest, nullIfMissing, segment } from "./rest.ts";

/**
 * What Cloudinary sends where, for one event type: https://cloudinary.com/documentation/admin_api_triggers. Fields that the API's
 * description leaves out may be missing from an answer.
 */
const trigger = z.looseObject({
  id: z.union([z.string(), z.int().transform(String)]),
  /** `webhook`, `flow` or `poll`. */
  uri_type: z.string().default("webhook"),
  uri: z.string(),
  /** A notification type, or `all`. */
  event_type: z.string(),
  /** Whether it fires for calls that name a `notification_url` of their own, too. */
  additive: z.boolean().nullish(),
  /** `default`, `legacy_hmac` or `eddsa_v2`: which signatures are sent. */
  auth_scheme: z.string().nullish(),
  filter: z.unknown().optional(),
  /** Replaces the body of the notification. */
  payload_template: z.unknown().optional(),
});
export type Trigger = z.output<typeof trigger>;

export interface NewTrigger {
  uri: string;
  uriType: "webhook" | "poll";
  eventType: string;
  additive: boolean;
  /** Only for webhooks. */
  authScheme?: string;
}

/** At most so many URLs an event type. */
export const maxTriggerUrls = 30;

const path = ({ cloudName }: CloudinaryAccount, id?: string): string =>
  `/v1_1/${segment(cloudName)}/triggers${id === undefined ? "" : `/${segment(id)}`}`;

const anything = z.looseObject({});

/** Every trigger of the account, of whatever kind and whoever made it. Admin API. Throws `CloudinaryError`. */
export async function listTriggers(account: CloudinaryAccount, limits?: CallLimits): Promise<Trigger[]> {
  const { triggers } = await callRest(
    account,
    {
      what: "list triggers",
      method: "GET",
      path: path(account),
      schema: z.looseObject({ triggers: z.array(trigger) }),
    },
    limits,
  );
  return triggers;
}

/** Admin API. Rejects with code 409 if there is one for the same type and URI. */
export async function createTrigger(
  account: CloudinaryAccount,
  { uri, uriType, eventType, additive, authScheme }: NewTrigger,
  limits?: CallLimits,
): Promise<Trigger> {
  const body = {
    uri,
    event_type: eventType,
    // The default; left out, as Cloudinary's own description of the call has no such parameter.
    ...(uriType === "poll" && { uri_type: uriType }),
    ...(additive && { additive }),
    ...(authScheme !== undefined && { auth_scheme: authScheme }),
  };
  return await callRest(
    account,
    { what: "create trigger", method: "POST", path: path(account), body, schema: trigger },
    limits,
  );
}

/** Moves a trigger to another URI; nothing else of it can be changed. Admin API. */
export async function updateTrigger(
  account: CloudinaryAccount,
  { id, newUri }: { id: string; newUri: string },
  limits?: CallLimits,
): Promise<void> {
  const body = { new_uri: newUri };
  await callRest(
    account,
    { what: "update trigger", method: "PUT", path: path(account, id), body, schema: anything },
    limits,
  );
}

/** Admin API. False if there was none of that id. */
export async function removeTrigger(
  account: CloudinaryAccount,
  id: string,
  limits?: CallLimits,
): Promise<boolean> {
  const removed = await nullIfMissing(
    callRest(
      account,
      { what: "remove trigger", method: "DELETE", path: path(account, id), body: {}, schema: anything },
      limits,
    ),
  );
  return removed !== null;
}
