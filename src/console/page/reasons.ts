/** The last reasons that this browser's operator gave, to give again. */
const key = "reasons";
const kept = 3;

export function recentReasons(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(stored) ? stored.filter((text) => typeof text === "string").slice(0, kept) : [];
  } catch {
    return []; // Whatever else is stored there is not ours.
  }
}

export function rememberReason(text: string): void {
  if (text === "") return;
  const others = recentReasons().filter((one) => one !== text);
  localStorage.setItem(key, JSON.stringify([text, ...others].slice(0, kept)));
}
