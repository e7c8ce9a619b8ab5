/** As many in a minute as sign-ins (netlify/functions/sign-in.ts). */
const maxFailures = 10;
const windowMs = 60_000;
/** More would only cost memory: who has so many addresses is not stopped by counting them. */
const maxAddresses = 10_000;

/**
 * Wrong bearer tokens of the last minute by address, as far as this instance has seen them: the platform can count requests
 * but not how they end, so several instances count each for itself, and none remembers when it is gone.
 */
export class FailedTokens {
  readonly #times = new Map<string, number[]>();

  /** 0: the address may try now. */
  secondsToWait(address: string, now: number): number {
    const recent = this.#recent(networkOf(address), now);
    const [oldest = now] = recent;
    return recent.length < maxFailures ? 0 : Math.ceil((oldest + windowMs - now) / 1_000);
  }

  add(address: string, now: number): void {
    const key = networkOf(address);
    const times = [...this.#recent(key, now), now];
    // Put last again, so that the first one is the one that was quiet the longest.
    this.#times.delete(key);
    this.#times.set(key, times);
    const [first] = this.#times.keys();
    if (this.#times.size > maxAddresses && first !== undefined) this.#times.delete(first);
  }

  #recent(key: string, now: number): number[] {
    return (this.#times.get(key) ?? []).filter((time) => time > now - windowMs);
  }
}

/** One subscriber has a whole /64 of IPv6 to send from. */
function networkOf(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter(Boolean);
  const last = tail?.split(":").filter(Boolean) ?? [];
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - last.length) }, () => "0");
  return [...groups, ...(tail === undefined ? [] : zeros), ...last].slice(0, 4).join(":");
}
