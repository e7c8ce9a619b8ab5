// Loaded into `netlify dev` (--import). Each function runs in a worker thread, which loads this again and needs none of it.
import { isMainThread } from "node:worker_threads";

if (isMainThread) await import("./receiver-guard.ts");
