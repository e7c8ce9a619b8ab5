import { createHash } from "node:crypto";
import pg from "pg";
import notification from "../../netlify/functions/notification.ts";
import { settings } from "../../src/settings.ts";
import { hexId } from "../support/bodies.ts";
import { invoke } from "../support/invoke.ts";
import { signedRequest } from "../support/signed-request.ts";
import { alternate, compare, type Figure } from "./figure.ts";
import { withHooks } from "./server.ts";

const resources = 100_000;

/** The answer to a notification that names as many assets as a body may hold, compared with reading and storing its bytes. */
export async function benchManyAssets(rounds = 12): Promise<Figure[]> {
  return await withHooks(async ({ url }, origin) => {
    const client = new pg.Client(url);
    try {
      await client.connect();
      const times = await alternate(
        rounds,
        { ours: () => millisecondsOf(hook(origin)), theirs: () => millisecondsOf(bare(client)) },
        3,
      );
      return [
        compare({
          name: `answer to ${resources.toLocaleString("en")} assets in one body`,
          against: "JSON.parse, digests, one bare insert",
          unit: "ms",
          ...times,
          aim: { atMost: 1.5 },
        }),
      ];
    } finally {
      await client.end();
    }
  });
}

/** Below the limit of 4 MiB. */
function body(): string {
  const list = Array.from({ length: resources }, (_, at) => ({ public_id: `p/${at}`, version: 1 }));
  const text = JSON.stringify({ notification_type: "delete", request_id: hexId(), resources: list });
  if (text.length > settings.receive.maxBodyBytes) throw new Error(`the body has ${text.length} bytes`);
  return text;
}

async function millisecondsOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function hook(origin: string): () => Promise<void> {
  const request = signedRequest(body(), { origin });
  return async () => {
    const { status } = await invoke(notification, request);
    if (status !== 200) throw new Error(`the hook answered ${status}`);
  };
}

/** What no receiver can leave out: the signature's digest, the one that identifies the body, its JSON, and its bytes on the disk. */
function bare(client: pg.Client): () => Promise<void> {
  const bytes = Buffer.from(body());
  return async () => {
    createHash("sha1").update(bytes).digest("hex");
    const identity = createHash("sha256").update(bytes).digest("hex");
    JSON.parse(bytes.toString());
    await client.query(
      "insert into notifications (identity, body_sha256, type, body) values ($1, $1, 'delete', $2)",
      [identity, bytes],
    );
  };
}
