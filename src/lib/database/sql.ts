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

/** SQL: a column of a table with one row, by itself: beside a joined table, the planner may read all that an index has for its order. */
export const ofOnlyRow = (table: string) => (column: string) => `(select ${column} from ${table})`;
