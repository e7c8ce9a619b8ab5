// Runs a built function as AWS Lambda does under Netlify; test/support/built-site.ts starts it, also with Node 22.
import { Writable } from "node:stream";

/** What Netlify's front door passes to a function's entry file. */
export interface LambdaEvent {
  rawUrl: string;
  httpMethod: string;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: boolean;
}

export interface LambdaAnswer {
  statusCode: number;
  multiValueHeaders: Record<string, string[]>;
  /** Base64. */
  body: string;
}

class ResponseStream extends Writable {
  readonly chunks: Buffer[] = [];
  metadata: Omit<LambdaAnswer, "body"> = { statusCode: 0, multiValueHeaders: {} };
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }
}

// The part of Lambda's Node runtime that Netlify's entry file uses.
Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: unknown) => handler,
    HttpResponseStream: {
      from: (stream: ResponseStream, metadata: ResponseStream["metadata"]) =>
        Object.assign(stream, { metadata }),
    },
  },
});

const { handler } = await import(process.argv[2] ?? "");

process.on("message", async ({ id, event }: { id: number; event: LambdaEvent }) => {
  const stream = new ResponseStream();
  const reply = (answer: LambdaAnswer) => process.send?.({ id, answer });
  // Before the handler resolves: it also waits for the work in `waitUntil`.
  stream.once("finish", () =>
    reply({ ...stream.metadata, body: Buffer.concat(stream.chunks).toString("base64") }),
  );
  try {
    await handler({ flags: {}, invocationMetadata: {}, ...event }, stream, {
      awsRequestId: String(id),
      getRemainingTimeInMillis: () => 60_000,
    });
  } catch (error) {
    console.error(error);
    reply({ statusCode: 502, multiValueHeaders: {}, body: "" });
  }
});
process.send?.(process.version);
