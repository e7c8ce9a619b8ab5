/**
 * An object's own property with an untrusted name; never an inherited one such as `constructor` or `toString`. A structure test
 * rejects plain look-ups by untrusted names.
 */
export function own<V>(table: Readonly<Record<string, V>>, name: string): V | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
