import * as z from "zod";
import type { CloudinaryAccount } from "../../config.types.ts";
import { type CallLimits, callRest, nullIfMissing, segment } from "./rest.ts";

/**
 * Where Cloudinary sends notifications of one event type: https://cloudinary.com/documentation/admin_api_triggers. Fields that the
 * API description omits may be missing from a response.
 */
const trigger = z.looseObject({
  id: z.union([z.string(), z.int().transform(String)]),
  /** `webhook`, `flow` or `poll`. */
  uri_type: z.string().default("webhook"),
  uri: z.string(),
  /** A notification type, or `all`. */
  event_type: z.string(),
  /** Whether it also fires for calls with their own `notification_url`. */
  additive: z.boolean().nullish(),
  /** `default`, `legacy_hmac` or `eddsa_v2`: the kind of signature. */
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

/** The maximum number of URLs for each event type. */
export const maxTriggerUrls = 30;

const path = ({ cloudName }: CloudinaryAccount, id?: string): string =>
  `/v1_1/${segment(cloudName)}/triggers${id === undefined ? "" : `/${segment(id)}`}`;

const anything = z.looseObject({});

/** All triggers of the account, of every kind. Admin API. Throws `CloudinaryError`. */
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

/** Admin API. Rejects with code 409 if a trigger with the same type and URI exists. */
export async function createTrigger(
  account: CloudinaryAccount,
  { uri, uriType, eventType, additive, authScheme }: NewTrigger,
  limits?: CallLimits,
): Promise<Trigger> {
  const body = {
    uri,
    event_type: eventType,
    // The default is omitted, because Cloudinary's description of the call does not include this parameter.
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

/** Changes the URI of a trigger, which is the only changeable field. Admin API. */
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

/** Admin API. False if no trigger has that id. */
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
