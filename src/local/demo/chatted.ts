import { z } from "zod";
import { checkThat } from "./check.ts";
import { delivered } from "./delivered.ts";
import type { Stage } from "./flow.ts";
import type { Arrived } from "./receiver.ts";

const posted = z.object({ messages: z.array(z.object({ service: z.string(), message: z.unknown() })) });

/** Checks that each chat got the message about the notification, or a digest with it, and reports it. */
export async function chatted(stage: Stage, record: Arrived): Promise<void> {
  if (!record.deliveries.some(({ handler }) => handler === "chat")) return; // CHAT_WEBHOOKS is set to nothing.
  const chat = delivered(record, "chat", "done");
  const { accepted } = z.object({ accepted: z.array(z.string()) }).parse(chat.result);
  const response = await fetch(`${stage.cloud.localUrl}/chat.json`, { signal: stage.signal });
  if (!response.ok) return; // Posted for real.
  const { messages } = posted.parse(await response.json());
  const about = messages.filter(({ message }) => JSON.stringify(message).includes(record.id));
  checkThat(`chats with the message about the ${record.type}`, about.length >= accepted.length, {
    expected: accepted.join(", "),
    seen: about.map(({ service }) => service),
  });
  stage.done(`posted to ${accepted.join(", ")}`);
}
