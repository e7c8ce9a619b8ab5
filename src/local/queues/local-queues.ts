import { createHash } from "node:crypto";
import { z } from "zod";
import { type Fault, Faults } from "../faults.ts";
import { RekognitionError as AwsError } from "../rekognition/errors.ts";
import { type AwsKey, checkSignature } from "../rekognition/signature.ts";

export interface LocalQueuesOptions {
  key: AwsKey;
  /** The names of the queues and event buses that exist; `any`: each is created with its first message. */
  queues: readonly string[] | "any";
  buses: readonly string[] | "any";
  now?: () => number;
}

/** A message that a queue has accepted. */
export interface QueuedMessage {
  messageId: string;
  body: string;
  group: string | null;
  deduplicationId: string | null;
  sentAt: number;
}

/** An event that a bus has accepted. */
export interface BusEvent {
  eventId: string;
  bus: string;
  source: string;
  detailType: string;
  detail: unknown;
  resources: readonly string[];
  at: number;
}

export type LocalQueues = ReturnType<typeof localQueues>;

/** SQS drops a message whose deduplication id it has accepted within this time. */
const deduplicationMs = 5 * 60_000;
const maxBytes = 1024 * 1024;
const maxEventBytes = 256 * 1024;

/** Letters, digits and punctuation. */
const printable = z
  .string()
  .max(128)
  .regex(/^[!-~]+$/);
const message = z.object({
  QueueUrl: z.string(),
  MessageBody: z.string().min(1),
  MessageGroupId: printable.optional(),
  MessageDeduplicationId: printable.optional(),
});
const entry = z.object({
  EventBusName: z.string().default("default"),
  Source: z.string().default(""),
  DetailType: z.string().default(""),
  Detail: z.string().default(""),
  Resources: z.array(z.string()).default([]),
});
const entries = z.object({ Entries: z.array(z.unknown()).min(1).max(10) });

/**
 * Emulates Amazon SQS (`SendMessage`, JSON 1.0) and Amazon EventBridge (`PutEvents`, JSON 1.1) with the signatures of the AWS SDK. A
 * `status` fault names the error in its `body`; `match` names the operation. `failEntries` makes entries of `PutEvents` fail inside a
 * successful answer.
 */
export function localQueues({ key, queues, buses, now = Date.now }: LocalQueuesOptions) {
  const faults = new Faults();
  const messages = new Map<string, QueuedMessage[]>(queues === "any" ? [] : queues.map((name) => [name, []]));
  const events: BusEvent[] = [];
  const dropped = { count: 0 };
  const seen = new Map<string, { messageId: string; at: number }>();
  const entryFaults: string[] = [];
  let serial = 0;
  // Deterministic, so that two runs give the same ids.
  const nextId = () => {
    serial += 1;
    return `00000000-0000-4000-8000-${serial.toString(16).padStart(12, "0")}`;
  };

  function sendMessage(input: unknown) {
    const parsed = message.safeParse(input);
    if (!parsed.success)
      throw new AwsError("InvalidParameterValue", parsed.error.issues[0]?.message ?? "invalid");
    const { QueueUrl, MessageBody, MessageGroupId, MessageDeduplicationId } = parsed.data;
    const name = QueueUrl.split("/").at(-1) ?? "";
    if (queues === "any" && !messages.has(name)) messages.set(name, []);
    const queue = messages.get(name);
    if (queue === undefined)
      throw new AwsError("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.");
    if (Buffer.byteLength(MessageBody) > maxBytes)
      throw new AwsError(
        "InvalidParameterValue",
        `One or more parameters are invalid. Reason: Message must be shorter than ${maxBytes} bytes.`,
      );
    const isFifo = name.endsWith(".fifo");
    if (isFifo && MessageGroupId === undefined)
      throw new AwsError("MissingParameter", "The request must contain the parameter MessageGroupId.");
    if (isFifo && MessageDeduplicationId === undefined)
      throw new AwsError(
        "InvalidParameterValue",
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
      );
    const repeat = isFifo ? seen.get(`${name} ${MessageDeduplicationId}`) : undefined;
    const isRepeat = repeat !== undefined && now() - repeat.at < deduplicationMs;
    const messageId = isRepeat ? repeat.messageId : nextId();
    if (isRepeat) dropped.count += 1;
    else {
      queue.push({
        messageId,
        body: MessageBody,
        group: MessageGroupId ?? null,
        deduplicationId: MessageDeduplicationId ?? null,
        sentAt: now(),
      });
      if (isFifo) seen.set(`${name} ${MessageDeduplicationId}`, { messageId, at: now() });
    }
    return {
      MessageId: messageId,
      MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex"),
      ...(isFifo && { SequenceNumber: String(queue.length).padStart(20, "0") }),
    };
  }

  function putEvents(input: unknown) {
    const parsed = entries.safeParse(input);
    if (!parsed.success)
      throw new AwsError("ValidationException", parsed.error.issues[0]?.message ?? "invalid");
    const answers = parsed.data.Entries.map((one) => {
      const failure = entryFaults.shift();
      if (failure !== undefined) return { ErrorCode: failure, ErrorMessage: "fault on request" };
      const read = entry.parse(one);
      if (read.Source === "" || read.DetailType === "" || read.Detail === "")
        return {
          ErrorCode: "InvalidArgument",
          ErrorMessage: "Parameter Source, DetailType or Detail is missing.",
        };
      if (Buffer.byteLength(read.Detail) > maxEventBytes)
        throw new AwsError(
          "ValidationException",
          "Total size of the entries in the request is over the limit.",
        );
      const detail = objectOf(read.Detail);
      if (detail === null) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
      // AWS accepts events for a bus that does not exist, and drops them.
      const eventId = nextId();
      if (buses === "any" || buses.includes(read.EventBusName))
        events.push({
          eventId,
          bus: read.EventBusName,
          source: read.Source,
          detailType: read.DetailType,
          detail,
          resources: read.Resources,
          at: now(),
        });
      return { EventId: eventId };
    });
    return { FailedEntryCount: answers.filter((answer) => "ErrorCode" in answer).length, Entries: answers };
  }

  const operations = new Map([
    ["AmazonSQS.SendMessage", { service: "sqs", type: "application/x-amz-json-1.0", run: sendMessage }],
    ["AWSEvents.PutEvents", { service: "events", type: "application/x-amz-json-1.1", run: putEvents }],
  ]);

  async function answer(request: Request, target: string): Promise<Response> {
    const operation = operations.get(target);
    const type = operation?.type ?? "application/x-amz-json-1.0";
    try {
      const body = new Uint8Array(await request.arrayBuffer());
      if (operation === undefined) throw new AwsError("UnknownOperationException", `Not emulated: ${target}`);
      checkSignature(request, body, key, operation.service);
      if (request.headers.get("content-type") !== type)
        throw new AwsError("SerializationException", `The content type is not ${type}`);
      const input: unknown = JSON.parse(new TextDecoder().decode(body));
      return Response.json(operation.run(input), { headers: { "content-type": type } });
    } catch (error) {
      if (error instanceof AwsError) return errorAnswer(error.type, error.message, error.status, type);
      throw error;
    }
  }

  return {
    faults,
    /** Codes such as `ThrottlingException`, each for one entry of a later `PutEvents`. */
    failEntries: (...codes: string[]) => void entryFaults.push(...codes),
    /** In the order in which the queue accepted them. */
    messages: (queue: string): readonly QueuedMessage[] => messages.get(queue) ?? [],
    queueNames: (): string[] => [...messages.keys()],
    events: events as readonly BusEvent[],
    /** Repeats that FIFO queues have dropped. */
    dropped,
    async fetch(request: Request): Promise<Response | null> {
      const target = request.headers.get("x-amz-target") ?? "";
      if (request.method !== "POST" || !/^(AmazonSQS|AWSEvents)\./.test(target)) return null;
      return await faults.around(request, (received) => answer(received, target), faultAnswer, target);
    },
  };
}

function objectOf(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

const faultAnswer = ({ status, body, headers }: Fault): Response =>
  errorAnswer(
    body ?? "ServiceUnavailable",
    "fault on request",
    status,
    "application/x-amz-json-1.0",
    headers,
  );

function errorAnswer(
  code: string,
  text: string,
  status: number,
  type: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json(
    { __type: code, message: text },
    { status, headers: { "content-type": type, ...headers } },
  );
}
