import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { LambdaEvent } from "../../support/lambda.ts";
import type { Journal } from "../journal.ts";
import type { Seeded } from "../seeded.ts";
import { type Instance, startInstance } from "./instance.ts";
import { instancePool } from "./pool.ts";

/** How one process of a function is started. */
export interface Launch {
  folder: string;
  traits: string;
  env: Record<string, string>;
}

/** What goes wrong between the platform and the functions; each is a probability. */
export interface SiteFaults {
  /** The function answered, and the sender does not hear it. */
  answerLost: number;
  /** The connection ends before the function is called. */
  requestLost: number;
  /** deliver-background is answered with 202 and not run. */
  nudgeLost: number;
  /** deliver-background runs twice. */
  nudgeDoubled: number;
  /** deliver-background is answered with 500. */
  nudgeRefused: number;
}

export const noSiteFaults: SiteFaults = {
  answerLost: 0,
  requestLost: 0,
  nudgeLost: 0,
  nudgeDoubled: 0,
  nudgeRefused: 0,
};

export interface SiteOptions {
  /** Chooses version, settings, clock and connection of a new process. */
  launch: (name: string, origin: string) => Launch;
  /** The most processes of each function. */
  sizes: Readonly<Record<string, number>>;
  /** A process is replaced after this many calls, by one of another kind. */
  callsOfAProcess: number;
  /** A request that has waited so long for a process is answered with 502. */
  maxWaitMs?: number;
  random: Seeded;
  journal: Journal;
  onLine: (line: string, pid: number) => void;
  /** A process ended that nobody killed. */
  onCrash: (what: string) => void;
}

export type Site = Awaited<ReturnType<typeof startSite>>;

/** Netlify's front door on loopback, with several processes for each function, which differ in version, settings, clock and connection. */
export async function startSite({
  launch,
  sizes,
  callsOfAProcess,
  maxWaitMs = 10_000,
  random,
  journal,
  onLine,
  onCrash,
}: SiteOptions) {
  const background = new Set<Promise<unknown>>();
  let faults = noSiteFaults;
  let killed = 0;
  let started = 0;
  let restarts = 0;

  async function start(name: string): Promise<Instance | null> {
    try {
      const before = restarts;
      const how = launch(name, origin);
      const instance = await startInstance({ name, ...how, onLine });
      started += 1;
      // It was chosen for what no longer is.
      if (restarts !== before) instance.kill();
      journal.note("", `started ${name} ${instance.pid}: ${how.traits}`);
      void instance.ended.then(({ expected, how: by }) => {
        journal.note("", `ended ${name} ${instance.pid}: ${by}`);
        if (!expected) onCrash(`${name} ended by itself: ${by}`);
      });
      return instance;
    } catch (error) {
      journal.note("", `not-started ${name}: ${String(error)}`);
      return null;
    }
  }

  const pools = new Map(
    Object.entries(sizes).map(([name, size]) => [
      name,
      instancePool({ size, start: () => start(name), callsOfAProcess, maxWaitMs }),
    ]),
  );
  const call = async (name: string, event: LambdaEvent, signal?: AbortSignal) =>
    (await pools.get(name)?.call(event, signal)) ?? null;

  function inBackground(name: string, event: LambdaEvent): void {
    const running = call(name, event).finally(() => background.delete(running));
    background.add(running);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const url = new URL(request.url ?? "/", origin);
    const event = eventOf(url, request, body);
    if (url.pathname === "/.netlify/functions/deliver-background") {
      if (random.chance(faults.nudgeRefused)) return void response.writeHead(500).end();
      if (!random.chance(faults.nudgeLost)) inBackground("deliver-background", event);
      if (random.chance(faults.nudgeDoubled)) inBackground("deliver-background", event);
      return void response.writeHead(202).end();
    }
    if (url.pathname !== "/webhooks") return void response.writeHead(404).end();
    if (random.chance(faults.requestLost)) return void request.socket.destroy();
    // A sender that has given up no longer waits for a process.
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const answered = await call("notification", event, gone.signal);
    if (answered === null) return void response.writeHead(502).end();
    if (random.chance(faults.answerLost)) return void request.socket.destroy();
    response.writeHead(answered.statusCode).end(Buffer.from(answered.body, "base64"));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the listening socket has no port");
  const origin = `http://127.0.0.1:${address.port}`;

  const choose = (atWork: boolean): Instance | null => {
    const busy = all().filter(({ isBusy, name }) => isBusy && !(atWork && name === "notification"));
    const [first, ...others] = atWork || (busy.length > 0 && random.chance(0.6)) ? busy : all();
    return first ? random.pick([first, ...others]) : null;
  };
  const all = () => [...pools.values()].flatMap((pool) => pool.instances());
  return {
    origin,
    setFaults(changed: Partial<SiteFaults>) {
      faults = { ...faults, ...changed };
    },
    /** Calls a scheduled function, as Netlify's scheduler does. Null when its process was killed. */
    schedule: (name: string) =>
      call(name, {
        rawUrl: `${origin}/.netlify/functions/${name}`,
        httpMethod: "POST",
        headers: {
          "x-nf-event": "schedule",
          "x-nf-deploy-context": "production",
          "x-nf-request-id": "01CHAOS",
        },
        body: Buffer.from("{}").toString("base64"),
        isBase64Encoded: true,
      }),
    /** Starts all processes, so that the run does not begin with cold starts. */
    async warm() {
      for (const pool of pools.values()) await pool.warm();
    },
    /** `atWork`: one that delivers; otherwise, often one that is busy. */
    killOne(atWork = false) {
      const chosen = choose(atWork);
      if (!chosen) return;
      killed += 1;
      journal.note("", `killed ${chosen.name} ${chosen.pid}${chosen.isBusy ? ", busy" : ""}`);
      chosen.kill();
    },
    freezeOne(ms: number) {
      const chosen = choose(random.chance(0.3));
      if (!chosen) return;
      journal.note("", `frozen ${chosen.name} ${chosen.pid} for ${ms} ms${chosen.isBusy ? ", busy" : ""}`);
      chosen.freeze(ms);
    },
    /** Ends all processes, or those of one function, so that new ones take their place. */
    restart(name?: string) {
      restarts += 1;
      for (const instance of all()) if (name === undefined || instance.name === name) instance.kill();
    },
    figures: () => ({ started, killed }),
    async close() {
      server.closeAllConnections();
      server.close();
      await Promise.all([...pools.values()].map((pool) => pool.close()));
      await Promise.all(background);
    },
  };
}

function eventOf(url: URL, request: IncomingMessage, body: Buffer): LambdaEvent {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return {
    rawUrl: url.href,
    httpMethod: request.method ?? "GET",
    headers: {
      ...Object.fromEntries(headers),
      "x-nf-deploy-context": "production",
      "x-nf-request-id": "01CHAOS",
    },
    body: body.toString("base64"),
    isBase64Encoded: true,
  };
}
