import { readdirSync, readFileSync } from "node:fs";
import type {
  CloudinaryNotification,
  NotificationOf,
  NotificationType,
} from "../../../src/lib/notifications/notification.ts";
import { parse } from "../../../src/lib/notifications/parse.ts";

const folder = new URL("../../fixtures/notifications/", import.meta.url);

export interface Fixture {
  name: string;
  /** The first word of the file name. */
  type: string;
  bytes: Uint8Array;
}

export function fixtures(): Fixture[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .map((name) => ({
      name,
      type: name.split(".", 1)[0] ?? name,
      bytes: readFileSync(new URL(`${name}.json`, folder)),
    }));
}

/** The line of each fixture in the folder's README: where its shape is known from. */
export function fixtureSources(): Map<string, string> {
  const readme = readFileSync(new URL("README.md", folder), "utf8");
  return new Map(
    [...readme.matchAll(/^\| (\S+)\.json \| (.+) \|$/gm)].map(([, name = "", source = ""]) => [name, source]),
  );
}

export function fixtureBytes(name: string): Uint8Array {
  return readFileSync(new URL(`${name}.json`, folder));
}

/** To spread and to spoil: the fixtures' shapes are what the tests are about. */
export function fixtureJson(name: string) {
  return JSON.parse(Buffer.from(fixtureBytes(name)).toString("utf8"));
}

export function bytesOf(json: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(json));
}

/** The parsed notification; a body with issues fails the test with them. */
export function parsed(body: Uint8Array): CloudinaryNotification {
  const result = parse(body, null);
  if (!result.ok) throw new Error(`Has issues: ${JSON.stringify(result.issues)}`);
  return result.notification;
}

/** The same, narrowed to the type that the test is about. */
export function parsedAs<T extends NotificationType>(type: T, body: Uint8Array): NotificationOf<T> {
  const notification = parsed(body);
  if (!isOf(type, notification)) throw new Error(`Expected ${type}, got ${notification.type}`);
  return notification;
}

function isOf<T extends NotificationType>(
  type: T,
  notification: CloudinaryNotification,
): notification is Extract<CloudinaryNotification, NotificationOf<T>> & NotificationOf<T> {
  return notification.type === type;
}

/** What a notification means apart from its wire form: everything but the body, URL parts included. */
export function meaning(notification: CloudinaryNotification): Record<string, unknown> {
  const { body: _, ...rest } = { body: undefined, ...notification };
  if (!("derived" in notification)) return rest;
  const derived = notification.derived.map((entry) =>
    entry.kind === "ready" ? { ...entry, version: entry.version, parts: entry.parts } : entry,
  );
  return { ...rest, derived };
}
