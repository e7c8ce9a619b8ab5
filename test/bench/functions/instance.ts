// One instance of the built `notification` function: calls it with new notifications, one after the other, and prints what it holds in
// memory on the way. test/bench/memory.ts starts it in a process of its own.
import { uploadBody } from "../../support/bodies.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";

const [entry = "", origin = "", ...counts] = process.argv.slice(2);
const { default: notification } = await import(entry);
const { log } = console;
// A platform takes the lines; what a pipe does with them is no part of the instance.
console.log = () => {};

/**
 * Between collections V8 lets garbage grow to a level that depends on the machine, and keeps most of that memory; this is about what
 * the instance holds.
 */
const collectEvery = 1_000;

let called = 0;
for (const count of counts.map(Number)) {
  for (; called < count; called += 1) {
    const { status } = await invoke(notification, signedRequest(uploadBody(), { origin }));
    if (status !== 200) throw new Error(`the hook answered ${status}`);
    if (called % collectEvery === 0) globalThis.gc?.();
  }
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  log(JSON.stringify({ called, heapKb: heapUsed / 1_024, rssKb: rss / 1_024 }));
}
process.exit(0);
