import { defineHandler } from "../../lib/deliveries/define-handler.ts";
import type { Handler } from "../../lib/deliveries/handler.ts";
import { errorText } from "../../lib/shared/log.ts";
import type { AkeneoSettings } from "../../settings.types.ts";
import { connector, type Push, type PushOutcome } from "../pim/connector.ts";
import type { AkeneoAccount } from "./account.ts";
import { akeneoClient } from "./client.ts";
import { PushEnded } from "./failure.ts";
import { pushProduct } from "./push-product.ts";
import { nameOf } from "./slots.ts";

export interface AkeneoConnection {
  account: AkeneoAccount;
  /** What is wrong with the variables; empty if nothing. */
  problems: readonly string[];
}

// Private addresses are allowed only for an emulator next to `netlify dev`.
export const pimAkeneoHandler = defineHandler({
  name: "pim:akeneo",
  connect: ({ config: { akeneo, local: allowPrivate }, settings }) =>
    pimAkeneo(akeneo && { ...akeneo, account: { ...akeneo.account, allowPrivate } }, settings.pim.akeneo)
      .handle,
});

/** Writes the URLs of each changed product's pictures into attributes of Akeneo. null: not configured. */
export function pimAkeneo(connection: AkeneoConnection | null, settings: AkeneoSettings): Handler {
  const name = "pim:akeneo";
  if (connection === null) return { name, handle: async () => ({ kind: "skip", reason: "not-configured" }) };
  const problems = [...connection.problems, ...problemsOf(settings)];
  const client = akeneoClient(connection.account);
  return connector(name, async (product): Promise<PushOutcome> => {
    // Every product would fail in the same way, so the connector waits for a person, and loses nothing.
    if (problems.length > 0) return { kind: "gone", reason: problems.join("; ") };
    return await endOf(pushProduct(product, { client, settings }), product);
  });
}

async function endOf(push: Promise<PushOutcome>, { signal }: Push): Promise<PushOutcome> {
  try {
    return await push;
  } catch (error) {
    if (error instanceof PushEnded) return error.outcome;
    if (!signal.aborted) throw error;
    return { kind: "try-again", error: `Akeneo did not answer in time: ${errorText(error)}` };
  }
}

function problemsOf({ attributes, resources }: AkeneoSettings): string[] {
  const names = attributes.map(nameOf);
  const twice = attributes
    .filter((slot, index) => attributes.slice(0, index).some((other) => isSameSlot(slot, other)))
    .map(nameOf);
  return [
    ...(names.length === 0 ? ["src/settings.ts: pim.akeneo.attributes is empty"] : []),
    ...(resources.length === 0 ? ["src/settings.ts: pim.akeneo.resources is empty"] : []),
    ...[...new Set(twice)].map((slot) => `src/settings.ts: pim.akeneo.attributes has ${slot} twice`),
  ];
}

function isSameSlot(slot: AkeneoSettings["attributes"][number], other: typeof slot): boolean {
  const share = slot.on === undefined || other.on === undefined || slot.on === other.on;
  return share && nameOf(slot) === nameOf(other);
}
