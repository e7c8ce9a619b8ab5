import { createHash } from "node:crypto";
import type { CatalogueInput } from "./catalogue.ts";
import type { Connection } from "./tokens.ts";

/**
 * The connection to a folder's local Akeneo: derived from the folder's API secret, so that it stays the same across
 * restarts.
 */
export function localConnection({ apiSecret }: { apiSecret: string }): Connection {
  const derived = (name: string) =>
    createHash("sha256").update(`akeneo ${name} ${apiSecret}`).digest("hex").slice(0, 32);
  return {
    clientId: `1_${derived("client")}`,
    secret: derived("secret"),
    username: "receiver_0001",
    password: derived("password"),
  };
}

/** In the format of the receiver's environment variables. */
export function connectionVariables(url: string, connection: Connection): Record<string, string> {
  const { clientId, secret, username, password } = connection;
  return {
    AKENEO_URL: url,
    AKENEO_CLIENT_ID: clientId,
    AKENEO_SECRET: secret,
    AKENEO_USERNAME: username,
    AKENEO_PASSWORD: password,
  };
}

/** The initial catalogue of `npm start`: the product that `npm run simulate` uses. */
export const sampleCatalogue: CatalogueInput = {
  attributes: [
    { code: "sku", type: "pim_catalog_identifier" },
    { code: "image_url", type: "pim_catalog_textarea" },
  ],
  products: [{ identifier: "VASE-1" }],
};
