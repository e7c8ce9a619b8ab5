import { z } from "zod";

/**
 * The operations that this emulator knows, as Akeneo documents them: which bodies they take, and which answers mean success.
 * Written from the descriptions named at each, in the version of August 2026, and no more of them than the connector can use.
 */
export interface Operation {
  name: string;
  /** Where Akeneo documents it. */
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
      // By the attribute's type; text attributes have a string. null erases: https://api.akeneo.com/documentation/update.html#erase-a-product-value
      data: z.json(),
    }),
  ),
);

/** The properties that an update of a product or a product model may hold besides its identity. */
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
 * https://api.akeneo.com/documentation/authentication.html documents the password and the refresh grant. `client_credentials` is
 * OAuth's own (RFC 6749, section 4.4), for installations that allow it.
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
