// Loaded into `netlify dev` (--import): when `npm start` dies without a word (SIGKILL), its child must not keep the database.
import { isMainThread } from "node:worker_threads";

if (isMainThread && process.channel) {
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel.unref();
}
