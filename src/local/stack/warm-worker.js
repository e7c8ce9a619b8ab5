// What `netlify dev` gets in place of `worker_threads` (warm-functions.ts).
export { FunctionCall as Worker } from "./warm-functions.ts";
