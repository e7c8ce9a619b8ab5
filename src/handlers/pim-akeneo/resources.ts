import { z } from "zod";

/** One value of an attribute, as products and product models hold it. */
const valueSchema = z.object({
  locale: z.string().nullable(),
  scope: z.string().nullable(),
  data: z.unknown(),
});

/** `values` of a product without any is `[]`, since PHP writes an empty map so. */
const valuesSchema = z.union([
  z.record(z.string(), z.array(valueSchema)),
  z.array(z.never()).transform((): Record<string, z.infer<typeof valueSchema>[]> => ({})),
]);

/** Values by attribute code. */
export type Values = z.infer<typeof valuesSchema>;

export const productSchema = z.object({
  identifier: z.string().nullish(),
  uuid: z.string().nullish(),
  values: valuesSchema,
});

export const productModelSchema = z.object({
  code: z.string(),
  family_variant: z.string(),
  values: valuesSchema,
});

export const tokenSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().default(3_600),
  refresh_token: z.string().min(1).nullish(),
});

/** `errors` comes with 422, for each value that was not accepted. */
export const errorSchema = z.object({
  code: z.number(),
  message: z.string(),
  errors: z
    .array(
      z.object({ property: z.string().default(""), message: z.string(), attribute: z.string().nullish() }),
    )
    .default([]),
});

/** undefined if the text is not JSON. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
