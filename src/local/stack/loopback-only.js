// Loaded into `netlify dev` (--import). Functions run in worker threads, which load this file as well but do not need it.
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  await import("./receiver-guard.ts");
  await import("./database-fault.ts");
  const { replaceModules } = await import("./netlify-modules.ts");
  replaceModules();
}
