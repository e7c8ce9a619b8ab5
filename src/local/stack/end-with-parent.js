// Loaded into `netlify dev` (--import): if `npm start` is killed (SIGKILL), its child process must not keep the database open.
import { isMainThread } from "node:worker_threads";

if (isMainThread && process.channel) {
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel.unref();
}
