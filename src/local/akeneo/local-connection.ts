import { createHash } from "node:crypto";
import type { CatalogueInput } from "./catalogue.ts";
import type { Connection } from "./tokens.ts";

/** The connection to the local Akeneo of a folder: derived from its API secret, so that it is the same at each start. */
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

/** As the receiver reads it. */
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

/** What `npm start` begins with: the product of `npm run simulate`. */
export const sampleCatalogue: CatalogueInput = {
  attributes: [
    { code: "sku", type: "pim_catalog_identifier" },
    { code: "image_url", type: "pim_catalog_textarea" },
  ],
  products: [{ identifier: "VASE-1" }],
};
