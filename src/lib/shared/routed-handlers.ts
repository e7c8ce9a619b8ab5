import type { Config } from "../../config.types.ts";
import type { Settings } from "../../settings.types.ts";
import { own } from "./own.ts";

/**
 * The handlers that get notifications of a type. `faces` gets none while it is off, and `chat` none without CHAT_WEBHOOKS. `forward`
 * stands for its targets, so that each has deliveries of its own.
 */
export function routedHandlers(
  type: string,
  { routes, forward }: Pick<Settings, "routes" | "forward">,
  { faces, chats }: Pick<Config, "faces" | "chats">,
): readonly string[] {
  const routed = (own(routes, type) ?? []).flatMap((name) =>
    name === "forward"
      ? forward.targets
          .filter(({ when }) => when?.types === undefined || when.types.includes(type))
          .map((target) => `forward:${target.name}`)
      : [name],
  );
  return routed.filter(
    (handler) => (handler !== "faces" || faces !== null) && (handler !== "chat" || chats.length > 0),
  );
}
