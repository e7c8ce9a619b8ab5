import { hostname } from "node:os";
import { channelOf } from "../../cli/listen/channel.ts";
import { describeEvent } from "../../cli/listen/events.ts";
import { listen } from "../../cli/listen/listen.ts";
import type { CloudinaryAccount } from "../../config.types.ts";

export const listeningChannel = (folder: string): string => channelOf(hostname(), folder);

/**
 * Fetches the notifications of a real account for the receiver at `url`, as `webhooks listen` does. If Cloudinary refuses, that is
 * reported and the receiver runs on. Returns what ends it and removes the trigger.
 */
export function startListening(options: {
  account: CloudinaryAccount;
  folder: string;
  url: string;
  say: (text: string) => void;
}): () => Promise<void> {
  const { account, folder, url, say } = options;
  const stopping = new AbortController();
  const ended = listen({
    account,
    url,
    channel: listeningChannel(folder),
    tell: (event) => say(describeEvent(event)),
    signal: stopping.signal,
  }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    say(`Notifications of the cloud ${account.cloudName} are not fetched. ${reason}`);
  });
  return async () => {
    stopping.abort();
    await ended;
  };
}
