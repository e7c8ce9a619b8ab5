/** Parameters of a statement: a Date becomes timestamptz, arrays become Postgres arrays, jsonb is passed as text. */
export type Param =
  | string
  | number
  | boolean
  | null
  | Date
  | Uint8Array
  | readonly string[]
  | readonly number[];

/** Single SQL statements without transactions: the database of `netlify dev` is one session without isolation. */
export interface Db {
  query<R = Record<string, unknown>>(
    text: string,
    params?: readonly Param[],
  ): Promise<{ rows: R[]; rowCount: number }>;
  close(): Promise<void>;
}
