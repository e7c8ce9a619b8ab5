import http from "node:http";
import { syncBuiltinESMExports } from "node:module";
import { Readable, Writable } from "node:stream";
import type { Fetch } from "../../src/local/server.ts";
import type { Scheduler } from "./scheduler.ts";

/** What becomes of a request: `lost` never arrives, `unanswered` has its effect, and its answer is lost. */
export type RequestFault = "lost" | "unanswered" | "hangs" | 429 | 500 | 503 | "garbage" | null;

/** Thrown to the sender, as by a connection that is reset. */
const reset = () => Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });

/**
 * Replaces `fetch` and `http.request`, which all clients of the receiver use in the end: requests and answers are steps of the history,
 * and `serve` answers in this process, without a socket. Returns how to undo it.
 */
export function inProcess(
  scheduler: () => Scheduler,
  serve: Fetch,
  fault: (request: Request) => RequestFault,
  noteSent: (request: Request) => void,
): () => void {
  const realFetch = globalThis.fetch;
  const realRequest = http.request;

  async function exchange(request: Request): Promise<Response> {
    noteSent(request);
    const { pathname } = new URL(request.url);
    const label = `${request.method} ${pathname}`;
    const answer = await scheduler().step(label, async () => {
      const failed = fault(request);
      if (failed === "lost") return reset();
      if (failed === "hangs") return null;
      if (failed === "garbage") return new Response("<html>not what was asked for</html>", { status: 200 });
      if (typeof failed === "number")
        return Response.json({ error: { message: "try again" } }, { status: failed });
      const served = await serve(request);
      const bytes = await served.arrayBuffer();
      if (failed === "unanswered") return reset();
      return new Response(bytes.byteLength === 0 ? null : bytes, {
        status: served.status,
        headers: served.headers,
      });
    });
    if (answer === null) return await new Promise<never>(() => {});
    return await scheduler().step(`answer to ${label}`, () => {
      if (answer instanceof Error) throw answer;
      return answer;
    });
  }

  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { signal } = request;
    signal.throwIfAborted();
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    return await Promise.race([exchange(request), aborted]);
  };
  Object.assign(http, {
    request(...args: [URL, http.RequestOptions] | [http.RequestOptions, (response: Readable) => void]) {
      const [first, second] = args;
      const url =
        first instanceof URL ? first : new URL(`http://${first.hostname}:${first.port ?? 80}${first.path}`);
      const options = first instanceof URL ? (second as http.RequestOptions) : first;
      const made = new InProcessRequest(url, options, exchange);
      if (typeof second === "function") made.on("response", second);
      return made;
    },
  });
  syncBuiltinESMExports();
  return () => {
    globalThis.fetch = realFetch;
    Object.assign(http, { request: realRequest });
    syncBuiltinESMExports();
  };
}

/** The part of `http.ClientRequest` that the SDKs use. */
class InProcessRequest extends Writable {
  readonly #parts: Buffer[] = [];
  readonly #send: (body: Buffer) => Promise<Response>;

  constructor(
    url: URL,
    { method = "GET", headers = {}, auth, signal }: http.RequestOptions,
    exchange: (request: Request) => Promise<Response>,
  ) {
    super();
    const sent = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    if (auth) sent.push(["authorization", `Basic ${Buffer.from(auth).toString("base64")}`]);
    this.#send = (body) =>
      exchange(
        new Request(url, {
          method,
          headers: sent,
          ...(method === "GET" ? {} : { body: new Uint8Array(body) }),
        }),
      );
    signal?.addEventListener(
      "abort",
      () => this.destroy(new DOMException("The operation was aborted", "AbortError")),
      { once: true },
    );
  }

  override _write(part: Buffer | string, _encoding: string, done: () => void): void {
    this.#parts.push(Buffer.from(part));
    done();
  }

  override _final(done: () => void): void {
    done();
    this.#send(Buffer.concat(this.#parts)).then(
      async (answer) => {
        if (this.destroyed && this.errored) return;
        const response = Readable.from([Buffer.from(await answer.arrayBuffer())]);
        this.emit(
          "response",
          Object.assign(response, { statusCode: answer.status, headers: Object.fromEntries(answer.headers) }),
        );
      },
      (error) => this.destroy(error),
    );
  }

  setTimeout(): this {
    return this; // The receiver has its own, from the virtual clock.
  }

  abort(): void {
    this.destroy();
  }
}
