import { vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import publicHook from "../../../netlify/functions/public.ts";
import { pim } from "../../../src/handlers/pim/handler.ts";
import type { Db } from "../../../src/lib/database/pool.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import type { Handler, Settlement } from "../../../src/lib/deliveries/handler.ts";
import { settings as defaults } from "../../../src/settings.ts";
import type { Settings } from "../../../src/settings.types.ts";
import { realDatabase } from "../../support/databases.ts";
import { unhurried } from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { site } from "../../support/site.ts";

export interface Receiving {
  settings?: Settings;
  handler?: Handler;
  byPublicHook?: boolean;
}

export interface FrontDoor {
  db: Db;
  /** Posts each body, signed, to the hook, lets a worker deliver it, and returns how the deliveries ended. */
  receive(bodies: readonly object[], receiving?: Receiving): Promise<Settlement[]>;
  close(): Promise<void>;
}

export async function frontDoor(): Promise<FrontDoor> {
  const [database, here] = await Promise.all([realDatabase(), site()]);
  configured(database.url);
  return {
    db: database.db,
    async receive(bodies, { settings = defaults, handler = pim(), byPublicHook = false } = {}) {
      const ends: Settlement[] = [];
      const [hook, path] = byPublicHook ? [publicHook, "/webhooks/public"] : [notification, "/webhooks"];
      for (const body of bodies) {
        const response = await invoke(hook, signedRequest(body, { origin: here.origin, path }));
        if (response.status !== 200) throw new Error(`the hook answered ${response.status}`);
        await deliver({
          db: database.db,
          handlers: [
            {
              ...handler,
              async handle(received, context) {
                const end = await handler.handle(received, context);
                ends.push(end);
                return end;
              },
            },
          ],
          settings,
          ...unhurried,
        });
      }
      return ends;
    },
    async close() {
      vi.unstubAllEnvs();
      await Promise.all([here.close(), database.drop()]);
    },
  };
}
