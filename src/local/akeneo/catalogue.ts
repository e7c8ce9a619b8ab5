import { randomUUID } from "node:crypto";
import { z } from "zod";
import { AkeneoError, type Violation, violated } from "./answers.ts";
import type { productBody, productModelBody, productUuidBody } from "./operations.ts";

const attributeSchema = z.object({
  code: z.string(),
  type: z
    .enum(["pim_catalog_identifier", "pim_catalog_text", "pim_catalog_textarea"])
    .default("pim_catalog_text"),
  localizable: z.boolean().default(false),
  scopable: z.boolean().default(false),
});
const valuesSchema = z.record(
  z.string(),
  z.array(z.object({ locale: z.string().nullable(), scope: z.string().nullable(), data: z.json() })),
);
export type LocalValues = z.infer<typeof valuesSchema>;
const productSchema = z.object({
  uuid: z.uuid().default(() => randomUUID()),
  identifier: z.string().nullable(),
  /** The code of its product model, if it is a variant. */
  parent: z.string().nullable().default(null),
  values: valuesSchema.default({}),
  /** The connection may only propose changes (Enterprise Edition): they are accepted and wait for approval. */
  proposalsOnly: z.boolean().default(false),
});
const productModelSchema = z.object({
  code: z.string(),
  family_variant: z.string(),
  values: valuesSchema.default({}),
});

/** The contents of the catalogue: for tests, and for `POST /_control/akeneo`. */
export const catalogueSchema = z.strictObject({
  attributes: z.array(attributeSchema).default([]),
  /** The locales of each channel (scope). */
  channels: z.record(z.string(), z.array(z.string())).default({ ecommerce: ["en_US"] }),
  /** Attributes held by the product models of a family variant; the variants hold the others. */
  familyVariants: z.record(z.string(), z.array(z.string())).default({}),
  products: z.array(productSchema).default([]),
  productModels: z.array(productModelSchema).default([]),
});
export type CatalogueInput = z.input<typeof catalogueSchema>;

type Product = z.infer<typeof productSchema>;
type ProductModel = z.infer<typeof productModelSchema>;
type Attribute = z.infer<typeof attributeSchema>;

/** https://api.akeneo.com/concepts/catalog-structure.html#attribute */
const maxCharacters = 255;

/**
 * Attributes, products and product models, in memory. Look-ups of identifiers and codes ignore case and accents, as
 * Akeneo's database does.
 */
export class Catalogue {
  readonly #attributes: ReadonlyMap<string, Attribute>;
  readonly #channels: ReadonlyMap<string, readonly string[]>;
  readonly #familyVariants: ReadonlyMap<string, readonly string[]>;
  readonly #products: Product[];
  readonly #models: ProductModel[];

  constructor(input: CatalogueInput) {
    const { attributes, channels, familyVariants, products, productModels } = catalogueSchema.parse(input);
    this.#attributes = new Map(attributes.map((attribute) => [attribute.code, attribute]));
    this.#channels = new Map(Object.entries(channels));
    this.#familyVariants = new Map(Object.entries(familyVariants));
    this.#products = structuredClone(products);
    this.#models = structuredClone(productModels);
  }

  list(): { products: readonly Product[]; productModels: readonly ProductModel[] } {
    return { products: this.#products, productModels: this.#models };
  }

  addProduct(product: z.input<typeof productSchema>): void {
    this.#products.push(productSchema.parse(product));
  }

  addProductModel(model: z.input<typeof productModelSchema>): void {
    this.#models.push(productModelSchema.parse(model));
  }

  removeProduct(identifier: string): void {
    const index = this.#products.findIndex((product) => product.identifier === identifier);
    if (index !== -1) this.#products.splice(index, 1);
  }

  attribute(code: string): object {
    const attribute = this.#attributes.get(code);
    if (!attribute) throw new AkeneoError(404, `Attribute "${code}" does not exist.`);
    return attribute;
  }

  product(code: string): object {
    return this.#shown(this.#require(this.#find(code), code));
  }

  productByUuid(uuid: string): object {
    return this.#shown(this.#require(this.#findUuid(uuid), uuid));
  }

  productModel(code: string): object {
    const model = this.#model(code);
    if (!model)
      throw new AkeneoError(
        404,
        `Product model "${code}" does not exist or you do not have permission to access it.`,
      );
    return { family: null, parent: null, categories: [], ...model, values: valuesAsPhp(model.values) };
  }

  /** Returns whether the entry was created. */
  patchProduct(code: string, body: z.infer<typeof productBody>): boolean {
    const there = this.#find(code);
    if (!there && body.identifier !== code)
      throw new AkeneoError(
        422,
        `The identifier "${body.identifier}" provided in the request body must match the identifier "${code}" provided in the url.`,
      );
    const product = there ?? productSchema.parse({ identifier: code });
    this.#write(product, body.values ?? {}, this.#levelOf(product));
    // A different identifier in the body renames the product.
    product.identifier = body.identifier;
    if (!there) this.#products.push(product);
    return !there;
  }

  patchProductByUuid(uuid: string, body: z.infer<typeof productUuidBody>): boolean {
    const there = this.#findUuid(uuid);
    const product = there ?? productSchema.parse({ uuid, identifier: null });
    this.#write(product, body.values ?? {}, this.#levelOf(product));
    if (!there) this.#products.push(product);
    return !there;
  }

  patchProductModel(code: string, body: z.infer<typeof productModelBody>): boolean {
    const there = this.#model(code);
    if (there && (there.code !== body.code || there.family_variant !== body.family_variant))
      throw new AkeneoError(422, "Validation failed.", {
        errors: [{ property: "code", message: "This property cannot be changed." }],
      });
    const held = this.#familyVariants.get(body.family_variant);
    if (!held)
      throw new AkeneoError(
        422,
        `Property "family_variant" expects a valid family variant code. The family variant does not exist, "${body.family_variant}" given. Check the expected format on the API documentation.`,
      );
    const model = there ?? productModelSchema.parse({ code, family_variant: body.family_variant });
    this.#write(model, body.values ?? {}, (attribute) => held.includes(attribute));
    if (!there) this.#models.push(model);
    return !there;
  }

  #find(code: string): Product | undefined {
    return this.#products.find(({ identifier }) => identifier !== null && isSame(identifier, code));
  }

  #findUuid(uuid: string): Product | undefined {
    return this.#products.find((product) => isSame(product.uuid, uuid));
  }

  #model(code: string): ProductModel | undefined {
    return this.#models.find((model) => isSame(model.code, code));
  }

  #require(product: Product | undefined, code: string): Product {
    if (product) return product;
    throw new AkeneoError(
      404,
      `Product "${code}" does not exist or you do not have permission to access it.`,
    );
  }

  /** A variant inherits the values of its product model. */
  #shown({ proposalsOnly: _, ...product }: Product): object {
    const inherited = product.parent === null ? {} : (this.#model(product.parent)?.values ?? {});
    const values = valuesAsPhp({ ...product.values, ...inherited });
    return { enabled: true, family: null, categories: [], groups: [], ...product, values };
  }

  /** The attributes that a product holds itself. */
  #levelOf({ parent }: Product): (attribute: string) => boolean {
    const model = parent === null ? undefined : this.#model(parent);
    const above = model ? (this.#familyVariants.get(model.family_variant) ?? []) : [];
    return (attribute) => !above.includes(attribute);
  }

  /** Values of another level are dropped silently, as by Akeneo's `productAttributeFilter`. */
  #write(
    to: { values: LocalValues; proposalsOnly?: boolean },
    values: LocalValues,
    isHeld: (attribute: string) => boolean,
  ): void {
    this.#check(values);
    if (to.proposalsOnly) return;
    for (const [code, changes] of Object.entries(values)) {
      if (!isHeld(code)) continue;
      const others = (to.values[code] ?? []).filter(
        (slot) => !changes.some((change) => isSameSlot(slot, change)),
      );
      const merged = [...others, ...changes.filter(({ data }) => data !== null && data !== "")];
      if (merged.length > 0) to.values[code] = merged;
      else delete to.values[code];
    }
  }

  #check(values: LocalValues): void {
    const violations: Violation[] = [];
    for (const [code, changes] of Object.entries(values)) {
      const attribute = this.#attributes.get(code);
      if (!attribute)
        throw new AkeneoError(
          422,
          `The ${code} attribute does not exist in your PIM. Check the expected format on the API documentation.`,
        );
      for (const { locale, scope, data } of changes) {
        const message = this.#problemOf(attribute, { locale, scope, data });
        if (message) violations.push({ property: "values", message, attribute: code, locale, scope });
      }
    }
    if (violations.length > 0) throw violated(violations);
  }

  #problemOf(
    { code, type, localizable, scopable }: Attribute,
    { locale, scope, data }: LocalValues[string][number],
  ): string | null {
    if (scopable !== (scope !== null))
      return scopable
        ? `The ${code} attribute requires a channel.`
        : `The ${code} attribute is not scopable.`;
    if (localizable !== (locale !== null))
      return localizable
        ? `The ${code} attribute requires a locale.`
        : `The ${code} attribute is not localizable.`;
    const channel = scope === null ? null : this.#channels.get(scope);
    if (channel === undefined) return `The ${scope} channel does not exist.`;
    const locales = channel ?? [...this.#channels.values()].flat();
    if (locale !== null && !locales.includes(locale)) return `The ${locale} locale is not activated.`;
    if (data === null) return null;
    if (typeof data !== "string") return `The ${code} attribute requires a string.`;
    if (type === "pim_catalog_text" && data.length > maxCharacters)
      return `The ${code} attribute must not contain more than ${maxCharacters} characters. The submitted value is too long.`;
    return null;
  }
}

function isSameSlot(slot: LocalValues[string][number], other: typeof slot): boolean {
  return slot.locale === other.locale && slot.scope === other.scope;
}

function isSame(code: string, other: string): boolean {
  return code.localeCompare(other, "en", { sensitivity: "base" }) === 0;
}

/** PHP encodes an empty map as a list. */
function valuesAsPhp(values: LocalValues): LocalValues | [] {
  return Object.keys(values).length === 0 ? [] : values;
}
