import type { Db } from "../database/pool.ts";
import { errorText, log } from "../shared/log.ts";

/** Notes that a function has run, for Health and `webhooks doctor`. Never throws: nothing that is delivered depends on it. */
export async function heartbeat(
  db: Db,
  name: "sweep" | "deliver-background" | "faces-background",
): Promise<void> {
  try {
    await db.query("insert into heartbeats (name) values ($1) on conflict (name) do update set at = now()", [
      name,
    ]);
  } catch (error) {
    log("warn", "heartbeat not written", { name, error: errorText(error) });
  }
}
