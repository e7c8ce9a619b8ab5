import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";

/** An API's own description (OpenAPI), read from beside the project; null where it is not there. */
export async function descriptionAt(name: string): Promise<Description | null> {
  const file = join(import.meta.dirname, "../../../../shared/specs", name);
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return null;
  return new Description(name.endsWith(".json") ? JSON.parse(text) : parse(text));
}

export interface Parameter {
  name: string;
  in: string;
  required: boolean;
  /** Of its schema. */
  pointer: string;
}

export interface Operation {
  id: string;
  parameters: Parameter[];
  /** What stands in the path for each of its parameters. */
  inPath: Record<string, string>;
  /** Of the schema of its body in JSON; null: it takes none. */
  body: string | null;
}

export class Description {
  readonly #document: object;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, coerceTypes: "array", logger: false });

  constructor(document: object) {
    this.#document = document;
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(document, "described");
  }

  /** The operation that a request is; of several whose path fits, the one with the most fixed words. Null: there is none. */
  operation(method: string, path: string): Operation | null {
    const fitting = Object.keys(this.#at("#/paths"))
      .flatMap((template) => {
        const inPath = valuesIn(path, template);
        return inPath && Object.hasOwn(this.#at(`#/paths/${part(template)}`), method)
          ? [{ template, inPath }]
          : [];
      })
      .sort((a, b) => fixed(b.template) - fixed(a.template));
    const [found] = fitting;
    if (found === undefined) return null;
    const item = `#/paths/${part(found.template)}`;
    const { operationId, requestBody } = this.#at(`${item}/${method}`);
    const content = `${item}/${method}/requestBody/content/${part("application/json")}/schema`;
    return {
      id: operationId,
      parameters: [...this.#parameters(item), ...this.#parameters(`${item}/${method}`)],
      inPath: found.inPath,
      body: requestBody === undefined ? null : content,
    };
  }

  /** The properties that a schema names, with those of the schemas it is made of. */
  properties(pointer: string): Record<string, { pointer: string; type: unknown }> {
    const at = this.#resolved(pointer);
    const schema = this.#at(at);
    const parts = ["allOf", "oneOf", "anyOf"].flatMap((key) =>
      Object.keys(schema[key] ?? []).map((index) => this.properties(`${at}/${key}/${index}`)),
    );
    const own = Object.keys(schema.properties ?? {}).map((name) => {
      const place = this.#resolved(`${at}/properties/${part(name)}`);
      return [name, { pointer: place, type: this.#at(place).type }];
    });
    return Object.assign({}, ...parts, Object.fromEntries(own));
  }

  /** In words, why a value does not fit a schema; null when it does. Texts that are numbers or booleans count as such. */
  misfit(pointer: string, value: unknown): string | null {
    const validate = this.#ajv.compile({ $ref: `described${pointer}` });
    return validate(structuredClone(value)) ? null : this.#ajv.errorsText(validate.errors);
  }

  #parameters(pointer: string): Parameter[] {
    return Object.keys(this.#at(pointer).parameters ?? []).map((index) => {
      const at = this.#resolved(`${pointer}/parameters/${index}`);
      const { name, in: place, required } = this.#at(at);
      return { name, in: place, required: required === true, pointer: `${at}/schema` };
    });
  }

  /** Where a pointer leads to in the end. */
  #resolved(pointer: string): string {
    const { $ref } = this.#at(pointer);
    return typeof $ref === "string" ? this.#resolved($ref) : pointer;
  }

  #at(pointer: string) {
    return pointer
      .slice(2)
      .split("/")
      .reduce((value, key) => Object(value[key.replaceAll("~1", "/")]), Object(this.#document));
  }
}

/** A key as a part of a JSON pointer. */
export const part = (key: string): string => key.replaceAll("/", "~1");

const fixed = (template: string): number => template.replace(/\{[^}]+\}/g, "").length;

/** `{public_id}` at the end takes the slashes of a folder. */
function valuesIn(path: string, template: string): Record<string, string> | null {
  const pattern = template
    .replace(/\{public_id\}$/, "(?<public_id>.+)")
    .replace(/\{([^}]+)\}/g, "(?<$1>[^/]+)");
  return new RegExp(`^${pattern}$`).exec(path)?.groups ?? null;
}
