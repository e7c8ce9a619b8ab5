/** A length of time: `3 hours`, `2 minutes`, `40 seconds`. */
export function inWords(seconds: number): string {
  if (seconds >= 5_400) return counted(seconds / 3_600, "hour");
  return seconds >= 90 ? counted(seconds / 60, "minute") : counted(seconds, "second");
}

function counted(number: number, unit: string): string {
  const count = Math.round(number);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
