// What `netlify dev` gets in place of `worker_threads` (netlify-modules.ts).
export { FunctionCall as Worker } from "./warm-functions.ts";
