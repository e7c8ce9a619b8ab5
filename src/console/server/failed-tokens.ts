/** The same limit per minute as for sign-ins (netlify/functions/sign-in.ts). */
const maxFailures = 10;
const windowMs = 60_000;
/** Limits memory: counting does not stop an attacker with more addresses anyway. */
const maxAddresses = 10_000;

/**
 * The invalid bearer tokens of the last minute by IP address that this instance has seen. The platform can count requests, but not their
 * outcome, so each instance counts separately and forgets its counts when it ends.
 */
export class FailedTokens {
  readonly #times = new Map<string, number[]>();

  /** The seconds until the address may try again; 0: now. */
  secondsToWait(address: string, now: number): number {
    const recent = this.#recent(networkOf(address), now);
    const [oldest = now] = recent;
    return recent.length < maxFailures ? 0 : Math.ceil((oldest + windowMs - now) / 1_000);
  }

  add(address: string, now: number): void {
    const key = networkOf(address);
    const times = [...this.#recent(key, now), now];
    // Moved to the end, so that the first entry is the least recent one.
    this.#times.delete(key);
    this.#times.set(key, times);
    const [first] = this.#times.keys();
    if (this.#times.size > maxAddresses && first !== undefined) this.#times.delete(first);
  }

  #recent(key: string, now: number): number[] {
    return (this.#times.get(key) ?? []).filter((time) => time > now - windowMs);
  }
}

/** An IPv6 subscriber has a whole /64 of addresses. */
function networkOf(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter(Boolean);
  const last = tail?.split(":").filter(Boolean) ?? [];
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - last.length) }, () => "0");
  return [...groups, ...(tail === undefined ? [] : zeros), ...last].slice(0, 4).join(":");
}
