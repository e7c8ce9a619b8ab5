import { type Fault, Faults } from "../faults.ts";
import { openCollections } from "./collections.ts";
import { errorAnswer, jsonType, RekognitionError } from "./errors.ts";
import { type Operation, operations } from "./operations.ts";
import { type AwsKey, checkSignature } from "./signature.ts";

export interface LocalRekognitionOptions {
  key: AwsKey;
  /** The folder of its state; null: in memory only. */
  dataDir: string | null;
}

/** A received call, for tests. */
export interface RekognitionCallSeen {
  operation: string;
  input: unknown;
  status: number;
}

export type LocalRekognition = Awaited<ReturnType<typeof localRekognition>>;

const target = /^RekognitionService\.(\w+)$/;
const maxCalls = 1_000;
const known: ReadonlyMap<string, Operation> = new Map(Object.entries(operations));

/**
 * Emulates the part of Amazon Rekognition that `operations.ts` lists, for the people whom `portrait.ts` draws. `fetch` returns null for other requests.
 * A fault's `match` can name an operation, such as `IndexFaces`, and the `body` of a `status` fault names the error, such as
 * `ThrottlingException`.
 */
export async function localRekognition({ key, dataDir }: LocalRekognitionOptions) {
  const faults = new Faults();
  const collections = await openCollections(dataDir);
  const calls: RekognitionCallSeen[] = [];

  async function api(request: Request, name: string): Promise<Response> {
    const seen: RekognitionCallSeen = { operation: name, input: null, status: 0 };
    calls.push(seen);
    if (calls.length > maxCalls) calls.shift();
    const answer = await answered(async () => {
      const body = new Uint8Array(await request.arrayBuffer());
      checkSignature(request, body, key);
      const operation = known.get(name);
      if (!operation || request.headers.get("content-type") !== jsonType)
        throw new RekognitionError("UnknownOperationException", `Not emulated: ${name}`);
      seen.input = parsed(body);
      const output = await operation.run(seen.input, { collections });
      await collections.save();
      return Response.json(output, { headers: { "content-type": jsonType } });
    });
    seen.status = answer.status;
    return answer;
  }

  return {
    faults,
    collections,
    calls,
    async fetch(request: Request): Promise<Response | null> {
      const name = target.exec(request.headers.get("x-amz-target") ?? "")?.[1];
      const { pathname } = new URL(request.url);
      if (name === undefined || pathname !== "/" || request.method !== "POST") return null;
      // Every call has the same address, so faults look at the operation.
      return await faults.around(request, (received) => api(received, name), faultAnswer, name);
    },
  };
}

async function answered(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RekognitionError) return errorAnswer(error);
    throw error;
  }
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    throw new RekognitionError("SerializationException", "The body is not JSON");
  }
}

function faultAnswer({ status, body, headers }: Fault): Response {
  const type = body ?? (status >= 500 ? "InternalServerError" : "ThrottlingException");
  return errorAnswer({ type, message: "Fault on request", status }, headers);
}
