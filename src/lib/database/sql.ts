import type { Param } from "./pool.ts";

/** Adds a value to the parameters of a statement, and returns its placeholder. */
export type ToParam = (value: Param) => string;

/** SQL with its parameters. */
export interface Sql {
  text: string;
  params: Param[];
}

/** A template tag for statements: every value becomes a parameter. */
export function sql(write: (param: ToParam) => string): Sql {
  const params: Param[] = [];
  const text = write((value) => `$${params.push(value)}`);
  return { text, params };
}
