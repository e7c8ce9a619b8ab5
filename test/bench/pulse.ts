import { database } from "../../src/lib/database/pool.ts";
import { nudge } from "../../src/lib/deliveries/nudge.ts";
import { envelope } from "../../src/lib/receive/envelope.ts";
import { record } from "../../src/lib/receive/record.ts";
import { settings } from "../../src/settings.ts";
import { uploadBody } from "../support/bodies.ts";
import { testSecret } from "../support/signed-request.ts";
import { site } from "../support/site.ts";
import { alternate, compare, type Figure } from "./figure.ts";
import { benchServer } from "./server.ts";

const clients = 32;
/** With `--scale`. */
const clientsAtScale = 150;
const roundMs = 1_500;

/**
 * Notifications a second that so many instances of a hook record, each over its own connection, when each asks afterwards whether a
 * worker is needed, compared with recording alone.
 */
export async function benchPulse(atScale: boolean, rounds = 8): Promise<Figure[]> {
  const counts = atScale ? [clients, clientsAtScale] : [clients];
  const server = await benchServer([`max_connections=${clientsAtScale + 20}`]);
  const worker = await site(202);
  const instances = Array.from({ length: Math.max(...counts) }, (_, at) =>
    instance(server.url, worker.origin, at),
  );
  try {
    const figures: Figure[] = [];
    for (const count of counts) {
      const some = instances.slice(0, count);
      const rates = await alternate(rounds, {
        ours: () => perSecond(some, async ({ recordOne, ask }) => recordOne().then(ask)),
        theirs: () => perSecond(some, ({ recordOne }) => recordOne()),
      });
      figures.push(
        compare({
          name: `answers with the pulse, ${count} instances`,
          against: "recording alone",
          unit: "1/s",
          ...rates,
          aim: { atLeast: 0.95 },
        }),
      );
    }
    return figures;
  } finally {
    for (const { close } of instances) await close();
    await worker.close();
    await server.stop();
  }
}

interface Instance {
  recordOne(): Promise<unknown>;
  ask(): Promise<unknown>;
  close(): Promise<void>;
}

function instance(url: string, site: string, at: number): Instance {
  // Every instance has a pool of its own, because pools are told apart by their time limits, and its own site, because a process
  // notes by site when it asked.
  const db = database({ url, max: 1, timeoutMs: 20_000 + at });
  const origin = new URL(`/${at}`, site).href;
  const secrets = [{ name: "CLOUDINARY_URL", value: testSecret, expiresAt: null, cloud: null }];
  return {
    recordOne() {
      const body = Buffer.from(JSON.stringify(uploadBody()));
      return record(db, {
        envelope: envelope(body, "", new Date()),
        body,
        headers: {},
        source: "webhook",
        cloud: null,
        signedAt: new Date(),
        secretName: "CLOUDINARY_URL",
        algorithm: "sha1",
        unexpectedFor: null,
        handlers: settings.routes.upload ?? [],
        handlersOncePublic: [],
      });
    },
    ask: () => nudge({ db, origin, secrets, maxWorkers: settings.deliver.maxWorkers }),
    close: () => db.close(),
  };
}

async function perSecond(
  instances: readonly Instance[],
  work: (instance: Instance) => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  let count = 0;
  await Promise.all(
    instances.map(async (one) => {
      while (performance.now() - start < roundMs) {
        await work(one);
        count += 1;
      }
    }),
  );
  return (count * 1_000) / (performance.now() - start);
}
