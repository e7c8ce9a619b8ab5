import type { Db } from "../database/pool.ts";
import { errorText, log } from "../shared/log.ts";

/**
 * Hooks start no worker while one is present that has room. A hook relies on what it read for `reliedOnMs`, so a worker that leaves
 * looks for deliveries for longer than that: every notification is then seen by this worker or starts another one. If a worker is lost,
 * its row is ignored after `aliveMs`, and the sweep delivers what came in between.
 */
export const reliedOnMs = 250;
/** How long an idle worker stays present. */
export const stayMs = 1_500;
/** How long a worker that left still looks. */
export const leavingMs = 400;
const renewMs = 1_000;
const aliveMs = 4_000;

export interface Presence {
  /** Hooks rely on this worker from now on. `hasRoom`: it takes more deliveries; otherwise hooks start another worker. */
  stay(load: { hasRoom: boolean }): void;
  /** Whether an older worker is present and has room, so that this one is not needed while it is idle. */
  isSpare(): boolean;
  /** Hooks no longer rely on this worker after this. */
  leave(): Promise<void>;
}

// Rows of workers that were lost are deleted by the next one.
const renewal = `
with lost as (
  delete from workers where alive_until < now() - interval '1 hour'
), mine as (
  insert into workers (id, alive_until, saturated) values ($1::uuid, now() + $2::int * interval '1 ms', $3::boolean)
  on conflict (id) do update set alive_until = excluded.alive_until, saturated = excluded.saturated
  returning id, started_at
)
select exists (
  select from workers w, mine
  where w.id <> mine.id and w.alive_until > now() and not w.saturated and (w.started_at, w.id) < (mine.started_at, mine.id)) as spare`;

export function presence(db: Db, worker: string): Presence {
  let hasRoom = true;
  let isSpare = false;
  let timer: NodeJS.Timeout | null = null;
  let renewing: Promise<void> | null = null;

  const renew = async () => {
    try {
      const { rows } = await db.query<{ spare: boolean }>(renewal, [worker, aliveMs, !hasRoom]);
      isSpare = rows[0]?.spare ?? false;
    } catch (error) {
      log("warn", "presence not renewed", { error: errorText(error) });
    }
  };
  const renewOnce = () => {
    renewing ??= renew().finally(() => {
      renewing = null;
    });
  };

  return {
    stay(load) {
      ({ hasRoom } = load);
      if (timer !== null) return;
      timer = setInterval(renewOnce, renewMs);
      renewOnce();
    },
    isSpare: () => isSpare,
    async leave() {
      if (timer === null) return;
      clearInterval(timer);
      timer = null;
      await renewing;
      try {
        await db.query("delete from workers where id = $1::uuid", [worker]);
      } catch (error) {
        log("warn", "presence not withdrawn", { error: errorText(error) });
      }
    },
  };
}
