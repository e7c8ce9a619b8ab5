import { account } from "../outside/world.ts";
import type { Violation } from "./violation.ts";

const secrets: readonly [string, string][] = [
  ["the API secret", account.apiSecret],
  ["a webhook secret", account.hookSecret],
  ["a webhook secret", account.nextSecret],
  ["SendGrid's key", account.sendgridKey],
  ["the product system's secret", account.pimSecret],
  ["the database's password", account.databasePassword],
  ...account.to.map((address): [string, string] => ["a recipient's address", address]),
];

/** The secret or address in a text that must not have one; null if there is none. */
export function secretIn(text: string): string | null {
  return secrets.find(([, secret]) => text.includes(secret))?.[0] ?? null;
}

export function checkSecrets(texts: readonly { table: string; text: string }[]): Violation[] {
  return texts.flatMap(({ table, text }) => {
    const found = secretIn(text);
    return found === null
      ? []
      : { invariant: "secret-in-record", text: `${found} in ${table}: ${text.slice(0, 400)}`, about: [] };
  });
}
