import { call, outcomeOfCode } from "./aws.ts";
import type { Send } from "./target.ts";
import type { AwsAccount } from "./variables.ts";

/** Puts each message on an Amazon EventBridge bus. EventBridge recognises no repeats: consumers compare `deliveryId` in `resources`. */
export function eventbridgeTarget(
  account: AwsAccount,
  { bus, source }: { bus: string; source: string },
): Send {
  let loading: ReturnType<typeof load> | undefined;
  const host = account.endpoint ? new URL(account.endpoint).host : `events.${account.region}.amazonaws.com`;
  return async ({ id, type, body, signal }) => {
    loading ??= load(account);
    const { client, PutEventsCommand } = await loading;
    const entry = {
      EventBusName: bus,
      Source: source,
      DetailType: type,
      Detail: body,
      Resources: [`cloudinary-webhooks:delivery/${id}`],
    };
    return await call(
      { host, operation: "PutEvents" },
      () => client.send(new PutEventsCommand({ Entries: [entry] }), { abortSignal: signal }),
      ({ FailedEntryCount = 0, Entries = [] }) => {
        const [answer] = Entries;
        // The call succeeds even if the entry does not.
        if (FailedEntryCount > 0 || answer?.EventId === undefined)
          return outcomeOfCode(
            answer?.ErrorCode ?? "InternalFailure",
            200,
            answer?.ErrorMessage ?? "no event id",
          );
        return { kind: "sent", result: { eventId: answer.EventId } };
      },
    );
  };
}

/** At the first message, so that no other delivery waits for the SDK. */
async function load(account: AwsAccount) {
  const { EventBridgeClient, PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
  return { client: new EventBridgeClient({ ...account, maxAttempts: 1 }), PutEventsCommand };
}
