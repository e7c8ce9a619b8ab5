import type { NotificationFaults } from "../notifications/notification-faults.ts";
import type { Algorithm } from "../signing.ts";
import type { Jobs } from "./jobs.ts";
import type { Store } from "./store.ts";

export interface LocalCloudinaryOptions {
  /** The folder for bytes and state; created if missing. */
  dataDir: string;
  cloudName: string;
  apiKey: string;
  apiSecret: string;
  /** The server's base URL, without a trailing slash; `url` and `secure_url` start with it. */
  baseUrl: string;
  /** How long asynchronous jobs take. */
  delayMs?: number;
  /** Delays before the second, third and fourth attempt of a notification; Cloudinary's are 3, 6 and 9 minutes. */
  retryDelaysMs?: readonly number[];
  /** For notification signatures. */
  algorithm?: Algorithm;
  /** Whether folders are a property of their own (`dynamic`, as in current accounts) or the path in the public id. */
  folderMode?: "dynamic" | "fixed";
  /** Whether every upload is backed up, as an account setting can require. */
  backup?: boolean;
  /** The asset fields in the answer to `explicit` besides the documented ones; no live answer has been recorded. */
  explicitTells?: readonly ("moderation" | "access_control")[];
  /** In front of the paths of its pages, so that several clouds can be served side by side; '' by default. */
  pageBase?: string;
  /** Admin API calls per hour. */
  rateLimit?: number;
  /** Limit for a signed upload that fetches from another program on this machine. */
  fetchLimits?: { ms: number; bytes: number };
  now?: () => number;
  /** Called for every call that is not emulated, with a log message. */
  notEmulated?: (message: string) => void;
  /** Called for every attempt of a notification. */
  log?: (sent: SentNotification) => void;
}

export interface SentNotification {
  url: string;
  attempt: number;
  /** The HTTP status, or an error message. */
  status: number | string;
  body: string;
}

/** The context of every operation: one product environment. */
export interface Cloud extends Required<LocalCloudinaryOptions> {
  store: Store;
  jobs: Jobs;
  notificationFaults: NotificationFaults;
  /** Emits `message` when a message can be polled. */
  messages: EventTarget;
  /** Aborts when the emulator closes. */
  closing: AbortSignal;
}

export const seconds = (cloud: Cloud): number => Math.floor(cloud.now() / 1_000);

/** A time in the API's format: no fraction, `Z`. */
export const instant = (cloud: Cloud): string => new Date(cloud.now()).toISOString().replace(/\.\d+Z$/, "Z");

/** A time in the format of a notification's `timestamp`. */
export const offsetInstant = (cloud: Cloud): string => instant(cloud).replace("Z", "+00:00");
