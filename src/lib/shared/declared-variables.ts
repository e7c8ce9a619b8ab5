import { own } from "./own.ts";
import { isPlaceholder, pasted } from "./pasted.ts";
import { conceal } from "./redact.ts";

/** An environment variable, declared by the handler that needs it. */
export interface Variable {
  /** What it is for: the comment in `.env.example`, and what `webhooks doctor` says when it is missing. */
  about: string;
  /** The handler runs without it. */
  optional?: boolean;
  /** false: the value may appear in logs and records. Otherwise it is removed from them. */
  secret?: boolean;
  /** Several values, separated by spaces; each may be written as `name=value`. */
  list?: boolean;
  /** Why a value cannot be used, as the rest of a sentence that begins with the name: `is not an https URL`. null: it can. */
  check?: (value: string) => string | null;
}

/** By name, such as `CHAT_WEBHOOK_URL`. */
export type Variables = Readonly<Record<string, Variable>>;

export type VariableValues<Declared extends Variables> = {
  [Name in keyof Declared]: Declared[Name] extends { optional: true } ? string | undefined : string;
};

export interface VariableReading<Declared extends Variables> {
  /** Complete only if there are no problems. */
  values: VariableValues<Declared>;
  /** Names and reasons, never values. */
  problems: string[];
}

/** Reads declared variables as the receiver's own are read: without the marks of copying, and not if empty. */
export function readVariables<Declared extends Variables>(
  declared: Declared,
  environment: Readonly<Record<string, string | undefined>>,
): VariableReading<Declared> {
  const problems: string[] = [];
  const values = Object.entries(declared).flatMap(([name, { optional, secret, list, check }]) => {
    const value = pasted(name, own(environment, name) ?? "");
    if (value === "") {
      if (!optional) problems.push(`${name} is missing`);
      return [];
    }
    const parts = list ? value.split(/\s+/) : [value];
    if (secret !== false) for (const part of parts) concealPart(part, list);
    const problem = secret !== false && parts.some(isPlaceholder) ? "holds a placeholder" : check?.(value);
    if (problem) problems.push(`${name} ${problem}`);
    return [[name, value] as const];
  });
  // Object.fromEntries forgets which names there are.
  return { values: Object.fromEntries(values) as VariableValues<Declared>, problems };
}

/** Of `name=value`, the value is the secret. */
function concealPart(part: string, list = false): void {
  conceal(part);
  if (list) conceal(part.slice(part.indexOf("=") + 1));
}
