import type { NotificationFaults } from "../notifications/notification-faults.ts";
import type { Algorithm } from "../signing.ts";
import type { Jobs } from "./jobs.ts";
import type { Store } from "./store.ts";

export interface LocalCloudinaryOptions {
  /** Where bytes and state are kept; made when missing. */
  dataDir: string;
  cloudName: string;
  apiKey: string;
  apiSecret: string;
  /** Where this server is reached, without a slash at the end; `url` and `secure_url` start with it. */
  baseUrl: string;
  /** How long asynchronous work takes. */
  delayMs?: number;
  /** The waits before the second, third and fourth try of a notification; Cloudinary's are 3, 6 and 9 minutes. */
  retryDelaysMs?: readonly number[];
  /** Of the notifications' signatures. */
  algorithm?: Algorithm;
  /** Whether folders are a property of their own (`dynamic`, as in accounts of today) or the path in the public id. */
  folderMode?: "dynamic" | "fixed";
  /** Whether every upload is backed up, as an account can be set to. */
  backup?: boolean;
  /** What of an asset the answer to `explicit` tells beyond what is documented: nobody has recorded a live one. */
  explicitTells?: readonly ("moderation" | "access_control")[];
  /** Admin API calls per hour. */
  rateLimit?: number;
  /** Of what a signed upload fetches from another program on this machine. */
  fetchLimits?: { ms: number; bytes: number };
  now?: () => number;
  /** Told of every call that is answered as not emulated, in words for the log. */
  notEmulated?: (message: string) => void;
  /** Told of every try of a notification. */
  log?: (sent: SentNotification) => void;
}

export interface SentNotification {
  url: string;
  attempt: number;
  /** The HTTP status, or what went wrong. */
  status: number | string;
  body: string;
}

/** What every operation works on: one product environment. */
export interface Cloud extends Required<LocalCloudinaryOptions> {
  store: Store;
  jobs: Jobs;
  notificationFaults: NotificationFaults;
  /** Dispatches `message` when one can be polled. */
  messages: EventTarget;
  /** Aborts when the stand-in closes. */
  closing: AbortSignal;
}

export const seconds = (cloud: Cloud): number => Math.floor(cloud.now() / 1_000);

/** As the API writes instants: no fraction, `Z`. */
export const instant = (cloud: Cloud): string => new Date(cloud.now()).toISOString().replace(/\.\d+Z$/, "Z");

/** As notifications write their `timestamp`. */
export const offsetInstant = (cloud: Cloud): string => instant(cloud).replace("Z", "+00:00");
