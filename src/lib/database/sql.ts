import type { Param } from "./pool.ts";

/** Gives a value its place among a statement's parameters, and returns what stands for it in the text. */
export type ToParam = (value: Param) => string;

/** SQL with its parameters. */
export interface Sql {
  text: string;
  params: Param[];
}

/** A statement written with its values where they belong; each becomes a parameter. */
export function sql(write: (param: ToParam) => string): Sql {
  const params: Param[] = [];
  const text = write((value) => `$${params.push(value)}`);
  return { text, params };
}
