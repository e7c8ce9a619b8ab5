import { createHash } from "node:crypto";
import { call } from "./aws.ts";
import type { Send } from "./target.ts";
import type { AwsAccount } from "./variables.ts";

/**
 * Sends each message to an Amazon SQS queue. A FIFO queue gets the asset as group, and the delivery as deduplication id: SQS drops a
 * repeat within five minutes.
 */
export function sqsTarget(account: AwsAccount, queueUrl: string): Send {
  const isFifo = queueUrl.endsWith(".fifo");
  let loading: ReturnType<typeof load> | undefined;
  return async ({ id, group, body, signal }) => {
    loading ??= load(account);
    const { client, SendMessageCommand } = await loading;
    const input = {
      QueueUrl: queueUrl,
      MessageBody: body,
      ...(isFifo && { MessageGroupId: groupId(group), MessageDeduplicationId: id }),
    };
    return await call(
      { host: new URL(queueUrl).host, operation: "SendMessage" },
      () => client.send(new SendMessageCommand(input), { abortSignal: signal }),
      ({ MessageId = "" }) => ({ kind: "sent", result: { messageId: MessageId } }),
    );
  };
}

/** SQS takes up to 128 printable ASCII characters. Asset ids are 32, but the body's own could be any text: the hash of one keeps its order. */
function groupId(group: string): string {
  return /^[!-~]{1,128}$/.test(group) ? group : createHash("sha256").update(group).digest("hex");
}

/** At the first message, so that no other delivery waits for the SDK. */
async function load(account: AwsAccount) {
  const { SQSClient, SendMessageCommand } = await import("@aws-sdk/client-sqs");
  // Without an endpoint, requests go to the host of the queue's URL.
  const useQueueUrlAsEndpoint = account.endpoint === undefined;
  return { client: new SQSClient({ ...account, maxAttempts: 1, useQueueUrlAsEndpoint }), SendMessageCommand };
}
