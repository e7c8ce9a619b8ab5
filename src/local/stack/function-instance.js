// An instance of a function (warm-functions.ts): it answers one call after the other as the worker of `netlify dev` answers its only one.
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { Readable } from "node:stream";
import { parentPort, workerData } from "node:worker_threads";

const require = createRequire(workerData.netlifyWorker);
const lambdaLocal = require("lambda-local");
require("source-map-support").install();
lambdaLocal.getLogger().level = "alert";

parentPort.on("message", async (call) => {
  if (call === null) return parentPort.close();
  try {
    parentPort.postMessage({ result: await answer(call) });
  } catch (error) {
    parentPort.postMessage({ error: error instanceof Error ? error : new Error(String(error)) });
  }
});

async function answer({ clientContext, entryFilePath, env, environment, event, timeoutMs }) {
  Object.assign(process.env, env, environment);
  const lambdaFunc = await import(entryFilePath);
  const result = await lambdaLocal.execute({
    clientContext,
    event,
    lambdaFunc,
    region: "dev",
    timeoutMs,
    verboseLevel: 3,
  });
  if (!(result?.body instanceof Readable)) return result;
  const { body, ...rest } = result;
  const server = createServer((socket) => body.pipe(socket).on("end", () => server.close()));
  server.listen({ port: 0, host: "localhost" });
  await once(server, "listening");
  return { ...rest, streamPort: server.address().port };
}
