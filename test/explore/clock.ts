import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";
import type { Scheduler } from "./scheduler.ts";

/** What the virtual clock is read from, and what else differs between two runs of the same history. */
let scheduler: Scheduler | null = null;
let drawn = 0;

const current = (): Scheduler => {
  if (scheduler === null) throw new Error("no history is being played");
  return scheduler;
};

/** Starts a history: its clock, and its random numbers from the beginning. */
export function start(played: Scheduler): void {
  scheduler = played;
  drawn = 0;
}

/** Different each time, and the same in each run of the history. */
function draw(bytes: number): Buffer {
  drawn += 1;
  const parts = Array.from({ length: Math.ceil(bytes / 32) }, (_, index) =>
    crypto.createHash("sha256").update(`${drawn} ${index}`).digest(),
  );
  return Buffer.concat(parts).subarray(0, bytes);
}

const RealDate = Date;
const real = {
  now: performance.now,
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  random: Math.random,
  timeout: AbortSignal.timeout,
  sleep: timers.setTimeout,
  randomUUID: crypto.randomUUID,
  randomBytes: crypto.randomBytes,
};

/**
 * Replaces every clock, timer and source of random values of this process. `setImmediate` and `process.nextTick` stay: they run in
 * their order. Returns how to undo it.
 */
export function virtualTime(): () => void {
  class VirtualDate extends RealDate {
    constructor(...args: [] | [number | string | Date]) {
      if (args.length === 0) super(current().now);
      else super(...(args as [number]));
    }
    static override now(): number {
      return current().now;
    }
  }
  const later =
    (repeat: boolean) =>
    (happen: (...args: unknown[]) => unknown, ms = 0, ...args: unknown[]) => {
      let cancel = () => {};
      const begin = () => {
        cancel = current().after(ms, `timer ${ms}`, () => {
          if (repeat) begin();
          return happen(...args);
        });
      };
      begin();
      const timer = {
        cancel: () => cancel(),
        ref: () => timer,
        unref: () => timer,
        hasRef: () => true,
        refresh: () => timer,
      };
      return timer;
    };
  const clear = (timer: unknown) => {
    if (
      typeof timer === "object" &&
      timer !== null &&
      "cancel" in timer &&
      typeof timer.cancel === "function"
    )
      timer.cancel();
  };
  Object.assign(globalThis, {
    Date: VirtualDate,
    setTimeout: later(false),
    setInterval: later(true),
    clearTimeout: clear,
    clearInterval: clear,
  });
  performance.now = () => current().now;
  Math.random = () => draw(4).readUInt32BE() / 2 ** 32;
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    const reason = () =>
      controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    current().after(ms, `deadline ${ms}`, reason);
    return controller.signal;
  };
  Object.assign(timers, {
    setTimeout: (ms = 0, value?: unknown) =>
      new Promise((resolve) => {
        current().after(ms, `sleep ${Math.round(ms)}`, () => resolve(value));
      }),
  });
  Object.assign(crypto, {
    randomUUID: () =>
      draw(16)
        .toString("hex")
        .replace(/^(.{8})(.{4}).(.{3}).(.{3})/, "$1-$2-4$3-8$4-"),
    randomBytes: draw,
  });
  syncBuiltinESMExports();
  return () => {
    const { now, random, timeout, sleep, randomUUID, randomBytes, ...globals } = real;
    Object.assign(globalThis, globals, { Date: RealDate });
    performance.now = now;
    Math.random = random;
    AbortSignal.timeout = timeout;
    Object.assign(timers, { setTimeout: sleep });
    Object.assign(crypto, { randomUUID, randomBytes });
    syncBuiltinESMExports();
  };
}
