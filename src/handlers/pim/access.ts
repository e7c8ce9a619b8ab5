import { instant } from "../../lib/notifications/instant.ts";
import { isObject } from "../../lib/notifications/wire.ts";
import type { Access, AssetFacts, Dated, Instant } from "./facts.ts";

/** What an upload says of who may see the asset: by `access_control`, and by the older `access_mode`. Each restricts it on its own. */
export function accessOfUpload(
  body: { access_control?: unknown; access_mode?: unknown },
  at: Instant,
): Pick<AssetFacts, "access" | "accessMode"> {
  const { access_control: rules, access_mode: mode } = body;
  return { ...accessOf(rules, at), ...(typeof mode === "string" && { accessMode: { value: mode, at } }) };
}

/** Converts the access rules of an asset: `token` restricts it, `anonymous` opens it for a time window. Empty when no rules are given. */
export function accessOf(rules: unknown, at: Instant): { access?: Dated<Access> } {
  if (rules === undefined) return {};
  const list = Array.isArray(rules) ? rules.filter(isObject) : [];
  const locked = list.some((rule) => rule.access_type === "token");
  const opened = list.find((rule) => rule.access_type === "anonymous");
  if (!locked && opened === undefined) return { access: { value: everybody, at } };
  if (opened === undefined) return { access: { value: { restricted: true, from: null, until: null }, at } };
  const from = instant(opened.start)?.toISOString() ?? epoch;
  const until = instant(opened.end)?.toISOString() ?? null;
  const always = from === epoch && until === null;
  return { access: { value: always ? everybody : { restricted: true, from, until }, at } };
}

const everybody: Access = { restricted: false, from: null, until: null };
const epoch = new Date(0).toISOString();
