/** Lowest and highest value of minute, hour, day of the month, month, day of the week. */
const ranges = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

export class CronUnreadable extends Error {
  override name = "CronUnreadable";
}

/** Whether a five-field cron expression names the minute of `at`, in UTC as on Netlify. Throws `CronUnreadable`. */
export function isDue(expression: string, at: Date): boolean {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== ranges.length) throw new CronUnreadable(`"${expression}" does not have five fields.`);
  const now = [at.getUTCMinutes(), at.getUTCHours(), at.getUTCDate(), at.getUTCMonth() + 1, at.getUTCDay()];
  const [minute, hour, day, month, weekday] = fields.map((field, index) => {
    const [low, high] = ranges[index] ?? [0, 0];
    const values = valuesOf(field, { low, high, expression });
    return values.has(now[index] ?? -1) || (index === 4 && now[4] === 0 && values.has(7));
  });
  const isRestricted = (index: number) => !fields[index]?.startsWith("*");
  // cron's own rule: two restricted days mean either of them.
  const onDay = isRestricted(2) && isRestricted(4) ? day || weekday : day && weekday;
  return Boolean(minute && hour && month && onDay);
}

/** Of one field: `*`, `5`, `1-5`, each with `/step`, and lists of them. */
function valuesOf(
  field: string,
  { low, high, expression }: { low: number; high: number; expression: string },
): Set<number> {
  const values = new Set<number>();
  for (const part of field.split(",")) {
    const parts = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/([1-9]\d*))?$/.exec(part);
    if (!parts) throw new CronUnreadable(`"${part}" in "${expression}" is not understood.`);
    const [, first, last, step] = parts;
    const from = Number(first ?? low);
    const to = Number(last ?? (first === undefined || step !== undefined ? high : first));
    if (from < low || to > high || from > to)
      throw new CronUnreadable(`"${part}" in "${expression}" is out of range.`);
    for (let value = from; value <= to; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}
