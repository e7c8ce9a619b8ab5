import { log } from "../../lib/shared/log.ts";
import type { AkeneoResource } from "../../settings.types.ts";
import type { AkeneoClient } from "./client.ts";
import { failureOf, refused, tryAgain } from "./failure.ts";
import { errorSchema, json, productModelSchema, productSchema, type Values } from "./resources.ts";

/** The product or product model that a SKU names in Akeneo. */
export interface Target {
  resource: AkeneoResource;
  /** As Akeneo writes it, which may differ from the SKU in case. */
  code: string;
  /** false: the update is to create it. */
  exists: boolean;
  values: Values;
  /** What the body of an update must repeat: a product without its identifier would lose it. */
  identity: { [property: string]: string };
}

export interface NewValue {
  locale: string | null;
  scope: string | null;
  data: string | null;
}

const paths: Readonly<Record<AkeneoResource, string>> = {
  product: "products",
  "product-uuid": "products-uuid",
  "product-model": "product-models",
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Reads the first of these resources that the SKU names; null if it names none. */
export async function findTarget(
  client: AkeneoClient,
  { sku, resources, signal }: { sku: string; resources: readonly AkeneoResource[]; signal: AbortSignal },
): Promise<Target | null> {
  for (const resource of resources) {
    const target = canName(sku, resource) ? await read(client, { sku, resource, signal }) : null;
    if (target) return target;
  }
  return null;
}

/** A SKU with a segment `.` or `..` would name another address. */
export function canName(sku: string, resource: AkeneoResource): boolean {
  if (resource === "product-uuid") return uuid.test(sku);
  return sku.split("/").every((segment) => segment !== "." && segment !== "..");
}

async function read(
  client: AkeneoClient,
  { sku, resource, signal }: { sku: string; resource: AkeneoResource; signal: AbortSignal },
): Promise<Target | null> {
  const call = `GET ${paths[resource]}`;
  const answer = await client.call({ method: "GET", path: pathOf(resource, sku) }, signal);
  const body = json(answer.text);
  if (answer.status === 404 && isUnknown(body)) return null;
  if (answer.status !== 200) throw failureOf(call, answer);
  if (body === undefined) throw tryAgain(`Akeneo answered 200 to ${call}, but without JSON`);
  const target = targetOf(resource, body);
  if (!target) throw refused(`Akeneo answered 200 to ${call}, but not with what it documents`);
  // MySQL also finds "café" for "CAFE", which is another product.
  return isSame(target.code, sku) ? target : null;
}

/** Akeneo says 404 also for addresses that it does not have. */
function isUnknown(body: unknown): boolean {
  const { success, data } = errorSchema.safeParse(body);
  return success && data.code === 404 && !data.message.startsWith("No route found");
}

function targetOf(resource: AkeneoResource, body: unknown): Target | null {
  if (resource === "product-model") {
    const { success, data } = productModelSchema.safeParse(body);
    if (!success) return null;
    const { code, family_variant, values } = data;
    return { resource, code, exists: true, values, identity: { code, family_variant } };
  }
  const { success, data } = productSchema.safeParse(body);
  const code = resource === "product" ? data?.identifier : data?.uuid;
  if (!success || !code) return null;
  return {
    resource,
    code,
    exists: true,
    values: data.values,
    identity: resource === "product" ? { identifier: code } : {},
  };
}

function isSame(code: string, sku: string): boolean {
  return code.normalize("NFC").toLowerCase() === sku.normalize("NFC").toLowerCase();
}

/** Akeneo takes slashes of a code as they are, and its own client leaves them so. */
function pathOf(resource: AkeneoResource, code: string): string {
  return `${paths[resource]}/${code.split("/").map(encodeURIComponent).join("/")}`;
}

/** Writes these values, and leaves all others as they are. */
export async function updateTarget(
  client: AkeneoClient,
  { target, values, signal }: { target: Omit<Target, "values">; values: object; signal: AbortSignal },
): Promise<void> {
  const { resource, code, identity } = target;
  const answer = await client.call(
    { method: "PATCH", path: pathOf(resource, code), body: { ...identity, values } },
    signal,
  );
  if (answer.status !== 201 && answer.status !== 204) throw failureOf(`PATCH ${paths[resource]}`, answer);
  // It was deleted since it was read.
  if (answer.status === 201 && target.exists)
    log("warn", "Akeneo created the product again", { handler: "pim:akeneo", resource });
}
