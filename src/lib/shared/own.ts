/**
 * What an object holds itself under a name that somebody else chose; never what every object inherits, such as
 * `constructor` or `toString`. A structure test rejects plain look-ups by such names.
 */
export function own<V>(table: Readonly<Record<string, V>>, name: string): V | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
