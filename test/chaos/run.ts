import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobsServer } from "@netlify/blobs/server";
import { type Build, currentBuild, previousBuild } from "./builds.ts";
import { converge, startBeat, startScheduler } from "./converge.ts";
import { chaosDatabase } from "./database/database.ts";
import { proxyTo } from "./database/proxy.ts";
import { faultsOf, usualFaults } from "./faults.ts";
import { type Entry, journal } from "./journal.ts";
import { checkDecisions } from "./model/check-decisions.ts";
import { checkDeliveries } from "./model/check-deliveries.ts";
import { checkMails, type MailSeen } from "./model/check-mails.ts";
import { checkProducts } from "./model/check-products.ts";
import { checkSecrets, secretIn } from "./model/check-secrets.ts";
import { checkStored } from "./model/check-stored.ts";
import { explainHolds } from "./model/explain-holds.ts";
import { readRecords } from "./model/records.ts";
import type { Figures, Violation } from "./model/violation.ts";
import { startSender } from "./outside/sender.ts";
import { traffic } from "./outside/traffic.ts";
import { account, startWorld, type World } from "./outside/world.ts";
import { runSchedule } from "./schedule.ts";
import { seeded } from "./seeded.ts";
import { chaosSettings } from "./settings.ts";
import { endAllInstances } from "./site/instance.ts";
import { launcher } from "./site/launch.ts";
import { type Site, startSite } from "./site/site.ts";
import { noteStalls } from "./stalls.ts";
import { readLine, timelineOf } from "./timeline.ts";

export interface ChaosOptions {
  seed: number;
  /** With faults; the time until everything has converged comes on top. */
  ms: number;
  /** Notifications in a second, about. */
  perSecond: number;
  /** How long a minute of Cloudinary's is. */
  minuteMs: number;
  /** Only faults whose name contains this. */
  only: string;
  /** Between the beginnings of two faults. */
  pauseMs: readonly [number, number];
  /** Now and then, no fault begins for so long. */
  calmMs: number;
  /** The most processes of each function. */
  sizes: Readonly<Record<string, number>>;
  /** Also runs processes of the version before the newest migration. */
  withPrevious: boolean;
  /** The probability that Cloudinary never sends a notification about a moderated picture; reconcile finds it. */
  lostAtCloudinary: number;
  maxDeletions: number;
  mailsBeforeDigest: number;
  /** After the last fault, for so long at most nothing may be settled while something is open. */
  convergeMs: number;
  /** How long nothing may be open until everything counts as done. */
  quietMs: number;
  /** A file for the rows and everything that happened; null: none. */
  evidence: string | null;
  say: (text: string) => void;
}

export interface ChaosReport {
  seed: number;
  figures: Figures;
  faults: Record<string, number>;
  events: Record<string, number>;
  /** Mails on hold, by what made their outcome unknown. */
  heldMails: Record<string, number>;
  violations: (Violation & { timeline: Entry[] })[];
}

type End = () => unknown;

/** Plays one seed, and compares what is left with what the model says. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const ends: End[] = [];
  try {
    return await play(options, (end) => ends.unshift(end));
  } finally {
    for (const end of ends)
      try {
        await end();
      } catch (error) {
        console.error(error);
      }
  }
}

/** What must end at once when the run is interrupted. */
const emergencies = new Set<() => void>([endAllInstances]);

export function endEverything(): void {
  for (const end of emergencies) end();
}

async function play(options: ChaosOptions, atEnd: (end: End) => void): Promise<ChaosReport> {
  const { seed, say } = options;
  const stream = (name: string) => seeded(seed, name);
  const notes = journal();
  const found: Violation[] = [];
  const figures: Figures = {};

  say("building the functions");
  const names = Object.keys(options.sizes);
  const builds: Record<string, Build> = { current: await currentBuild(names) };
  if (options.withPrevious) {
    const previous = await previousBuild(names);
    if (previous) builds[`before ${previous.commit}`] = previous.build;
    say(previous ? `also running version ${previous.commit}` : "no previous version could be built");
  }

  say("starting PostgreSQL and the emulators");
  const database = await chaosDatabase({
    random: stream("proxy"),
    password: account.databasePassword,
    maxConnections: 60,
  });
  atEnd(() => database.remove());
  emergencies.add(database.end);
  atEnd(() => emergencies.delete(database.end));

  let site: Site | undefined;
  let world: World | undefined;
  const sender = startSender({
    random: stream("sender"),
    journal: notes,
    url: () => `${site?.origin}/webhooks`,
    minuteMs: options.minuteMs,
  });
  const outside = traffic({
    random: stream("traffic"),
    journal: notes,
    sender,
    world: () => {
      if (!world) throw new Error("the world has not started");
      return world;
    },
    skus: 12,
    lost: options.lostAtCloudinary,
  });
  world = await startWorld({
    random: stream("world"),
    journal: notes,
    onNotification: outside.relay,
    onKill: () => site?.killOne(true),
  });
  atEnd(world.close);

  const blobsFolder = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-blobs-"));
  const blobs = new BlobsServer({ directory: blobsFolder, token: "chaos", logger: () => {} });
  const blobsProxy = await proxyTo((await blobs.start()).port, stream("blobs").chance);
  atEnd(async () => {
    await blobsProxy.close();
    await blobs.stop();
    await rm(blobsFolder, { recursive: true, force: true });
  });

  // A wake-up can be lost with the process that schedules it. After six hours a sweep looks anyway; here, after the faults.
  let haveFaultsEnded = false;
  const lines = new Map<string, number>();
  site = await startSite({
    random: stream("site"),
    journal: notes,
    sizes: options.sizes,
    callsOfAProcess: 40,
    launch: launcher({
      random: stream("launch"),
      builds,
      settings: chaosSettings(options),
      database,
      worldUrl: world.url,
      blobsPort: blobsProxy.port,
      sweepsLook: () => haveFaultsEnded,
    }),
    onLine(line, pid) {
      const secret = secretIn(line);
      if (secret !== null)
        found.push({ invariant: "secret-in-log", text: `${secret}: ${line.slice(0, 400)}`, about: [] });
      noteLine(line, pid);
    },
    onCrash: (text) => found.push({ invariant: "process-ended", text, about: [] }),
  });
  atEnd(site.close);

  function noteLine(line: string, pid: number): void {
    const said = readLine(line);
    const message = said === null ? `not JSON: ${line.slice(0, 60)}` : `${said.level}: ${said.message}`;
    lines.set(message, (lines.get(message) ?? 0) + 1);
    notes.note(said?.deliveryId ?? "", `log ${pid} ${line.slice(0, 300)}`);
  }

  await site.warm();
  say(`${Math.round(options.ms / 1_000)} s of faults, seed ${seed}`);
  world.setFaults(usualFaults);
  let sweeps = true;
  const over = afterRunning(options.ms);
  const random = stream("faults");
  const scheduled = startScheduler(site, names.includes("reconcile"), () => sweeps);
  const beats = startBeat(sender.all, say);
  const stalls = noteStalls(notes);
  atEnd(stalls.end);
  const [faults] = await Promise.all([
    runSchedule({
      random,
      journal: notes,
      pauseMs: options.pauseMs,
      calmMs: options.calmMs,
      signal: over,
      faults: faultsOf({
        random,
        database,
        world,
        site,
        setSweeps: (on) => {
          sweeps = on;
        },
        setBlobs: (on) => blobsProxy.set({ isCut: !on }),
      }).filter(({ name }) => name.includes(options.only)),
    }),
    outside.run({ perSecond: options.perSecond, signal: over }),
  ]);
  beats.end();

  say("the faults end; waiting until everything has converged");
  const endedAt = performance.now();
  world.setFaults({ cloudinary: 0, sendgrid: 0, pim: 0, killed: 0 });
  await database.mend();
  haveFaultsEnded = true;
  site.restart("sweep");
  const open = await converge({
    withinMs: options.convergeMs,
    quietMs: options.quietMs,
    url: database.ownUrl,
    active: sender.active,
    stories: outside.idle(),
  });
  figures.convergedAfterSeconds = Math.round((performance.now() - endedAt) / 1_000);
  await scheduled.end();
  say(open === 0 ? "converged" : `${open} deliveries are open after the bound`);
  await site.close();

  const records = await readRecords(database.ownUrl);
  const held = explainHolds(records, notes);
  found.push(
    ...held.violations,
    ...checkStored(sender.all, records, figures),
    ...checkDeliveries(records, figures),
    ...checkMails(mailsOf(world), account.to, records, figures),
    ...checkProducts({ productEvents: outside.productEvents, taken: world.products }, records, figures),
    ...checkDecisions(
      {
        decisions: outside.decisions,
        pictures: outside.pictures,
        effects: world.effects,
        assets: assetsOf(world),
        maxDeletions: options.maxDeletions,
        stalledMs: stalls.totalMs,
      },
      records,
      figures,
    ),
    ...checkSecrets(records.texts),
    ...world.wrongMessages.map((text) => ({
      invariant: "product-message-wrong",
      text,
      about: [text.split(" ", 1)[0] ?? ""],
    })),
  );
  Object.assign(figures, site.figures(), {
    serviceFaults: world.faultCount(),
    stalledSeconds: Math.round(stalls.totalMs() / 1_000),
  });
  if (options.evidence !== null)
    await writeFile(
      options.evidence,
      JSON.stringify({ sent: sender.all, records, journal: notes.all(), effects: world.effects }),
    );
  return {
    seed,
    figures,
    heldMails: held.counts,
    faults,
    events: { ...notes.counts(), ...Object.fromEntries(lines) },
    violations: found.map((one) => ({ ...one, timeline: timelineOf(one, records, notes) })),
  };
}

/** Aborts after this time. A pause of the machine, in which nothing happens, does not count. */
function afterRunning(ms: number): AbortSignal {
  const everyMs = 100;
  const over = new AbortController();
  let leftMs = ms;
  const timer = setInterval(() => {
    leftMs -= everyMs;
    if (leftMs > 0) return;
    clearInterval(timer);
    over.abort();
  }, everyMs);
  return over.signal;
}

function mailsOf(world: World): MailSeen[] {
  return world.mailbox.list().map(({ to, subject, text, customArgs }) => ({
    to: to[0]?.email ?? "",
    subject,
    text: text ?? "",
    deliveryId: customArgs.delivery_id ?? "",
  }));
}

function assetsOf(world: World): Map<string, { isPublic: boolean }> {
  return new Map(
    world
      .assets()
      .map(({ public_id: publicId, access_control: rules }) => [
        publicId,
        { isPublic: (rules ?? []).every(({ access_type: type }) => type === "anonymous") },
      ]),
  );
}
