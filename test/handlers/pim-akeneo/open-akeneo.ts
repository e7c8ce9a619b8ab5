import { randomUUID } from "node:crypto";
import { pimAkeneo } from "../../../src/handlers/pim-akeneo/handler.ts";
import type { Db } from "../../../src/lib/database/pool.ts";
import type { Settlement } from "../../../src/lib/deliveries/handler.ts";
import type { CatalogueInput, LocalValues } from "../../../src/local/akeneo/catalogue.ts";
import { localAkeneo } from "../../../src/local/akeneo/local-akeneo.ts";
import { serve } from "../../../src/local/server.ts";
import { settings } from "../../../src/settings.ts";
import type { AkeneoSettings } from "../../../src/settings.types.ts";
import { type Playing, play } from "../pim/play.ts";

export const connection = {
  clientId: "1_4gm4rnoizp8gskgkk080ssoo80040g44",
  secret: "5dyvo1z6y34so4ogkgksw88ookoows00c",
  username: "shop_connection_9261",
  password: "64bngr78-and-more",
};

export type OpenAkeneo = Awaited<ReturnType<typeof openAkeneo>>;

export interface Pushing extends Playing {
  settings?: never;
  akeneo?: Partial<AkeneoSettings>;
  /** null: the grant `client_credentials`. */
  user?: { name: string; password: string } | null;
  allowPrivate?: boolean;
  url?: string;
}

let opened = 0;

/** A local Akeneo of its own, and the connector in front of it. */
export async function openAkeneo(catalogue: CatalogueInput) {
  // The connector keeps the token of an account, and a later server may get the port of an earlier one.
  opened += 1;
  const account = { ...connection, clientId: `${opened}${connection.clientId}` };
  const local = localAkeneo({ ...account, catalogue });
  const meanwhile = new Map<string, () => Promise<unknown>>();
  const serving = await serve({
    port: 0,
    async fetch(request) {
      const happens = meanwhile.get(request.method);
      meanwhile.delete(request.method);
      await happens?.();
      return (await local.fetch(request)) ?? new Response(null, { status: 404 });
    },
  });

  function handler({ akeneo, user, allowPrivate = true, url = serving.url }: Pushing = {}) {
    const { clientId, secret, username, password } = account;
    return pimAkeneo(
      {
        account: {
          url,
          clientId,
          secret,
          user: user === undefined ? { name: username, password } : user,
          allowPrivate,
        },
        problems: [],
      },
      { ...settings.pim.akeneo, attributes: [{ attribute: "image_url" }], ...akeneo },
    );
  }

  return {
    ...local,
    url: serving.url,
    /** What happens once, after the next request with this method has come and before it is answered. */
    meanwhile,
    handler,
    /** One attempt; the notification that planned it is long past and says nothing. */
    push(
      db: Db,
      sku: string,
      { akeneo, user, allowPrivate, url, ...playing }: Pushing = {},
    ): Promise<Settlement> {
      const old = { notification_type: "create_folder", folder_path: "a", folder_name: "a" };
      const made = handler({
        ...(akeneo && { akeneo }),
        ...(user !== undefined && { user }),
        ...(allowPrivate !== undefined && { allowPrivate }),
        ...(url !== undefined && { url }),
      });
      return play(db, old, { deliveryId: randomUUID(), ...playing, handler: made, subject: sku });
    },
    /** The operations that were called since the last look, in order. */
    operations(): string[] {
      return local.state.calls.splice(0).map(({ operation }) => operation);
    },
    values(identifier: string): LocalValues | undefined {
      return local.state.catalogue.list().products.find((product) => product.identifier === identifier)
        ?.values;
    },
    modelValues(code: string): LocalValues | undefined {
      return local.state.catalogue.list().productModels.find((model) => model.code === code)?.values;
    },
    close: serving.close,
  };
}

/** A value without locale and scope. */
export const value = (data: string) => [{ locale: null, scope: null, data }];
