import { z } from "zod";
import { ConnectionReset } from "./server.ts";

/**
 * An injected fault of an emulator. `status` answers without doing the work. `hang`, `reset` and `not-json` (200 with a page instead of
 * JSON) happen before the body is read, after it, or after the work is done, so that only the response is lost. `without` does the work
 * and omits fields from the response.
 */
export const faultSchema = z.object({
  kind: z.enum(["status", "hang", "reset", "delay", "not-json", "without"]),
  status: z.number().int().min(200).max(599).default(500),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  when: z.enum(["before-body", "after-body", "after-work"]).default("after-body"),
  delayMs: z.number().int().min(0).default(0),
  /** The top-level fields that `without` omits from the response. */
  fields: z.array(z.string()).default([]),
  /** The number of requests that it affects; of no effect if it lasts for a time. */
  times: z.number().int().min(1).default(1),
  /** How long it lasts, for any number of requests. */
  forMs: z.number().int().min(1).optional(),
  /** Only affects requests whose `METHOD /path` contains this text. */
  match: z.string().default(""),
});
export type Fault = z.infer<typeof faultSchema>;
export type FaultInput = z.input<typeof faultSchema>;
/** `until`: when it ends, in milliseconds since 1970; null if it ends after some requests. */
export type WaitingFault = Fault & { until: number | null };

/** The pending faults of one emulator; the first matching one is used first. */
export class Faults {
  #waiting: WaitingFault[] = [];

  add(fault: FaultInput): void {
    const parsed = faultSchema.parse(fault);
    const { forMs } = parsed;
    this.#waiting.push({ ...parsed, until: forMs === undefined ? null : Date.now() + forMs });
  }

  clear(): void {
    this.#waiting = [];
  }

  list(): readonly WaitingFault[] {
    this.#waiting = this.#waiting.filter(({ until }) => until === null || until > Date.now());
    return this.#waiting;
  }

  /**
   * Runs `work` with the next matching fault; `answerOf` formats a `status` fault like the service. `operation`: the called operation,
   * where it is not in the path.
   */
  async around(
    request: Request,
    work: (request: Request) => Promise<Response>,
    answerOf: (fault: Fault) => Response,
    operation = "",
  ): Promise<Response> {
    const fault = this.#take(request, operation);
    if (fault === undefined) return work(request);
    switch (fault.kind) {
      case "status":
        await request.arrayBuffer();
        return answerOf(fault);
      case "delay":
        await pause(fault.delayMs, request.signal);
        return work(request);
      case "hang":
        await reach(fault, request, work);
        await pause(2 ** 31 - 1, request.signal);
        throw new ConnectionReset("fault on request: hang");
      case "reset":
        await reach(fault, request, work);
        throw new ConnectionReset(`fault on request: reset ${fault.when}`);
      case "not-json":
        await reach(fault, request, work);
        return new Response("<html><body>Bad gateway</body></html>", {
          headers: { "content-type": "text/html" },
        });
      case "without":
        return await leaveOut(await work(request), fault.fields);
      default:
        return fault.kind satisfies never;
    }
  }

  #take(request: Request, operation: string): Fault | undefined {
    const line = `${request.method} ${new URL(request.url).pathname}${operation}`;
    const fault = this.list().find((waiting) => line.includes(waiting.match));
    if (fault === undefined) return undefined;
    if (fault.until !== null) return { ...fault };
    fault.times -= 1;
    if (fault.times === 0) this.#waiting = this.#waiting.filter((waiting) => waiting !== fault);
    return { ...fault };
  }
}

async function reach(
  fault: Fault,
  request: Request,
  work: (request: Request) => Promise<Response>,
): Promise<void> {
  if (fault.when === "after-work") await work(request);
  else if (fault.when === "after-body") await request.arrayBuffer();
}

async function leaveOut(response: Response, fields: readonly string[]): Promise<Response> {
  const answer: unknown = await response.clone().json();
  if (typeof answer !== "object" || answer === null) return response;
  const kept = Object.entries(answer).filter(([name]) => !fields.includes(name));
  return new Response(JSON.stringify(Object.fromEntries(kept)), response);
}

/** Rejects with `ConnectionReset` if the caller disconnects first. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new ConnectionReset("the caller went away"));
    });
  });
}
