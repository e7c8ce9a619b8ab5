import { z } from "zod";

/**
 * The emulated operations: the bodies they accept and the statuses that mean success. Based on the Akeneo documentation
 * linked at each, as of August 2026, and limited to what the connector can use.
 */
export interface Operation {
  name: string;
  /** Akeneo's documentation of the operation. */
  source: string;
  method: "GET" | "POST" | "PATCH";
  path: RegExp;
  body: z.ZodType | null;
}

const reference = "https://api.akeneo.com/api-reference.html";

/** https://api.akeneo.com/concepts/products.html#focus-on-the-product-values */
const valuesSchema = z.record(
  z.string(),
  z.array(
    z.strictObject({
      locale: z.string().nullable(),
      scope: z.string().nullable(),
      // The data format depends on the attribute's type; text attributes have a string. null erases the value:
      // https://api.akeneo.com/documentation/update.html#erase-a-product-value
      data: z.json(),
    }),
  ),
);

/** The properties that an update of a product or product model may contain, besides its identifier. */
const common = {
  family: z.string().nullable().optional(),
  categories: z.array(z.string()).optional(),
  parent: z.string().nullable().optional(),
  values: valuesSchema.optional(),
  associations: z.record(z.string(), z.json()).optional(),
  quantified_associations: z.record(z.string(), z.json()).optional(),
};
const productOnly = { enabled: z.boolean().optional(), groups: z.array(z.string()).optional() };

export const productBody = z.strictObject({
  identifier: z.string().min(1),
  uuid: z.uuid().optional(),
  ...productOnly,
  ...common,
});
export const productUuidBody = z.strictObject({ uuid: z.uuid().optional(), ...productOnly, ...common });
export const productModelBody = z.strictObject({
  code: z.string().min(1),
  family_variant: z.string().min(1),
  ...common,
});

/**
 * https://api.akeneo.com/documentation/authentication.html documents the password and the refresh grant.
 * `client_credentials` is plain OAuth (RFC 6749, section 4.4), for installations that allow it.
 */
export const tokenBody = z.discriminatedUnion("grant_type", [
  z.strictObject({ grant_type: z.literal("password"), username: z.string(), password: z.string() }),
  z.strictObject({ grant_type: z.literal("refresh_token"), refresh_token: z.string() }),
  z.strictObject({ grant_type: z.literal("client_credentials") }),
]);

export const operations: readonly Operation[] = [
  {
    name: "post_token",
    source: `${reference}#post_token`,
    method: "POST",
    path: /^\/api\/oauth\/v1\/token$/,
    body: tokenBody,
  },
  {
    name: "get_products__code_",
    source: `${reference}#get_products__code_`,
    method: "GET",
    path: /^\/api\/rest\/v1\/products\/(.+)$/,
    body: null,
  },
  {
    name: "patch_products__code_",
    source: `${reference}#patch_products__code_`,
    method: "PATCH",
    path: /^\/api\/rest\/v1\/products\/(.+)$/,
    body: productBody,
  },
  {
    name: "get_products_uuid__uuid_",
    source: `${reference}#get_products_uuid__uuid_`,
    method: "GET",
    path: /^\/api\/rest\/v1\/products-uuid\/([^/]+)$/,
    body: null,
  },
  {
    name: "patch_products_uuid__uuid_",
    source: `${reference}#patch_products_uuid__uuid_`,
    method: "PATCH",
    path: /^\/api\/rest\/v1\/products-uuid\/([^/]+)$/,
    body: productUuidBody,
  },
  {
    name: "get_product_models__code_",
    source: `${reference}#get_product_models__code_`,
    method: "GET",
    path: /^\/api\/rest\/v1\/product-models\/(.+)$/,
    body: null,
  },
  {
    name: "patch_product_models__code_",
    source: `${reference}#patch_product_models__code_`,
    method: "PATCH",
    path: /^\/api\/rest\/v1\/product-models\/(.+)$/,
    body: productModelBody,
  },
  {
    name: "get_attributes__code_",
    source: `${reference}#get_attributes__code_`,
    method: "GET",
    path: /^\/api\/rest\/v1\/attributes\/([^/]+)$/,
    body: null,
  },
];
