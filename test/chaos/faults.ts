import type { ChaosDatabase } from "./database/database.ts";
import type { World, WorldFaults } from "./outside/world.ts";
import type { Fault } from "./schedule.ts";
import type { Seeded } from "./seeded.ts";
import type { Site } from "./site/site.ts";

export interface Targets {
  random: Seeded;
  database: ChaosDatabase;
  world: World;
  site: Site;
  /** Sweeps are not run for a time. */
  setSweeps(on: boolean): void;
  /** The Blobs store cannot be reached. */
  setBlobs(on: boolean): void;
}

const nothing = () => {};

/** Beside the times in which a service fails more often. */
export const usualFaults: WorldFaults = { cloudinary: 0.05, sendgrid: 0.05, pim: 0.05, killed: 0.02 };

/** Everything that goes wrong around the functions, and for how long. */
export function faultsOf({ random, database, world, site, setSweeps, setBlobs }: Targets): Fault[] {
  const { server, proxy, bouncer } = database;
  const once = (name: string, weight: number, begin: Fault["begin"]): Fault => ({
    name,
    group: name,
    weight,
    ms: [0, 0],
    begin,
    end: nothing,
  });
  const network = (name: string, weight: number, ms: Fault["ms"], begin: () => void): Fault => ({
    name,
    group: "network",
    weight,
    ms,
    begin,
    end: () => proxy.set({ isCut: false, isSilent: false, delayMs: 0, answerLost: 0 }),
  });
  const service = (name: "cloudinary" | "sendgrid" | "pim", weight: number, most: number): Fault => ({
    name: `${name} fails`,
    group: name,
    weight,
    ms: [1_000, 10_000],
    begin: () => world.setFaults({ [name]: 0.2 + random.fraction() * (most - 0.2) }),
    end: () => world.setFaults({ [name]: usualFaults[name] }),
  });

  return [
    once("process killed", 16, () => site.killOne()),
    once("process frozen", 10, () => site.freezeOne(random.pick([400, 1_500, 4_000, 8_000, 14_000]))),
    once("all processes killed", 1, () => site.restart()),
    {
      name: "PostgreSQL killed",
      group: "server",
      weight: 2,
      ms: [0, 4_000],
      begin: () => server.kill(),
      end: () => server.start(),
    },
    {
      name: "PostgreSQL stopped",
      group: "server",
      weight: 2,
      ms: [500, 8_000],
      begin: () => server.stop(),
      end: () => server.start(),
    },
    {
      name: "PostgreSQL paused",
      group: "server",
      weight: 3,
      ms: [300, 9_000],
      begin: () => server.pause(),
      end: () => server.resume(),
    },
    network("network cut", 4, [50, 6_000], () => proxy.set({ isCut: true })),
    network("network silent", 3, [500, 9_000], () => proxy.set({ isSilent: true })),
    network("network slow", 4, [2_000, 8_000], () => proxy.set({ delayMs: random.pick([30, 150, 600]) })),
    network("answers of the database lost", 5, [2_000, 8_000], () =>
      proxy.set({ answerLost: random.pick([0.02, 0.1, 0.3]) }),
    ),
    once("sessions terminated", 4, async () => {
      await database.tell(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'functions' and random() < 0.7",
      );
    }),
    {
      name: "disk full",
      group: "disk",
      weight: 3,
      ms: [500, 7_000],
      async begin() {
        await database.tell("update chaos.disk set is_full = true");
      },
      async end() {
        await database.insist("update chaos.disk set is_full = false");
      },
    },
    {
      // As managed services do when their disk is nearly full.
      name: "database read-only",
      group: "disk",
      weight: 2,
      ms: [500, 7_000],
      async begin() {
        await database.tell("alter system set default_transaction_read_only = on");
        await database.tell("select pg_reload_conf()");
      },
      async end() {
        await database.insist("alter system reset default_transaction_read_only");
        await database.insist("select pg_reload_conf()");
      },
    },
    {
      name: "out of connections",
      group: "connections",
      weight: 3,
      ms: [1_000, 8_000],
      async begin() {
        await database.tell(`alter role functions connection limit ${random.between(0, 3)}`);
        await database.tell(
          "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'functions'",
        );
      },
      async end() {
        await database.insist("alter role functions connection limit -1");
      },
    },
    ...(bouncer === null
      ? []
      : [
          {
            name: "PgBouncer killed",
            group: "bouncer",
            weight: 2,
            ms: [0, 4_000],
            begin: () => bouncer.kill(),
            end: () => bouncer.start(),
          } satisfies Fault,
          {
            name: "PgBouncer paused",
            group: "bouncer",
            weight: 2,
            ms: [300, 8_000],
            begin: () => bouncer.pause(),
            end: () => bouncer.resume(),
          } satisfies Fault,
        ]),
    {
      name: "processes killed at a call",
      group: "calls",
      weight: 6,
      ms: [2_000, 8_000],
      begin: () => world.setFaults({ killed: 0.3 }),
      end: () => world.setFaults({ killed: usualFaults.killed }),
    },
    service("cloudinary", 7, 0.8),
    service("sendgrid", 7, 0.6),
    service("pim", 7, 0.8),
    {
      name: "answers lost",
      group: "front door",
      weight: 4,
      ms: [1_000, 6_000],
      begin: () => site.setFaults({ answerLost: 0.3, requestLost: 0.1 }),
      end: () => site.setFaults({ answerLost: 0, requestLost: 0 }),
    },
    {
      name: "nudges lost",
      group: "nudges",
      weight: 4,
      ms: [2_000, 12_000],
      begin: () => site.setFaults({ nudgeLost: 0.5, nudgeDoubled: 0.3, nudgeRefused: 0.3 }),
      end: () => site.setFaults({ nudgeLost: 0, nudgeDoubled: 0, nudgeRefused: 0 }),
    },
    {
      name: "sweeps lost",
      group: "sweeps",
      weight: 3,
      ms: [5_000, 20_000],
      begin: () => setSweeps(false),
      end: () => setSweeps(true),
    },
    {
      name: "sweep doubled",
      group: "doubled",
      weight: 4,
      ms: [0, 0],
      begin() {
        void site.schedule("sweep");
        void site.schedule("sweep");
      },
      end: nothing,
    },
    {
      name: "Blobs away",
      group: "blobs",
      weight: 3,
      ms: [2_000, 15_000],
      begin: () => setBlobs(false),
      end: () => setBlobs(true),
    },
  ];
}
