import consoleApi from "../../netlify/functions/console-api.ts";
import deleted from "../../netlify/functions/delete.ts";
import deliverBackground from "../../netlify/functions/deliver-background.ts";
import eager from "../../netlify/functions/eager.ts";
import facesBackground from "../../netlify/functions/faces-background.ts";
import moderation from "../../netlify/functions/moderation.ts";
import notification from "../../netlify/functions/notification.ts";
import publicHook from "../../netlify/functions/public.ts";
import upload from "../../netlify/functions/upload.ts";
import { serve } from "../../src/local/server.ts";
import { inFlight } from "./in-flight.ts";
import { invoke, type NetlifyFunctionHandler } from "./invoke.ts";

const backgroundFunctions = new Map<string, NetlifyFunctionHandler>([
  ["/.netlify/functions/deliver-background", deliverBackground],
  ["/.netlify/functions/faces-background", facesBackground],
]);

const functions: Record<string, NetlifyFunctionHandler> = {
  "/webhooks": notification,
  "/webhooks/upload": upload,
  "/webhooks/eager": eager,
  "/webhooks/moderation": moderation,
  "/webhooks/delete": deleted,
  "/webhooks/public": publicHook,
};

/** The functions behind real HTTP, in this process: set the environment first (`configured`). */
export async function loopbackReceiver() {
  const { track, idle } = inFlight();
  const serving = await serve({
    port: 0,
    async fetch(incoming) {
      const { pathname } = new URL(incoming.url);
      // Netlify hands a function its own copy of the body, whole.
      const request = new Request(incoming.url, {
        method: incoming.method,
        headers: incoming.headers,
        ...(incoming.body && { body: await incoming.arrayBuffer() }),
      });
      if (pathname.startsWith("/api/")) return await invoke(consoleApi, request);
      const worker = backgroundFunctions.get(pathname);
      if (worker) {
        void track(invoke(worker, request));
        return new Response(null, { status: 202 });
      }
      const hook = functions[pathname];
      if (!hook) return new Response("Not Found", { status: 404 });
      const later: Promise<unknown>[] = [];
      const response = await hook(request, {
        deploy: { context: "" },
        waitUntil: (work) => later.push(work),
      });
      void track(Promise.all(later));
      return response;
    },
  });
  return {
    url: serving.url,
    port: serving.port,
    /** Until no worker runs: each keeps the account that the environment named when it started. */
    idle,
    async close() {
      await idle();
      await serving.close();
    },
  };
}
