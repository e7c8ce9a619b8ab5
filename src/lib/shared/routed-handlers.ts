import type { Config } from "../../config.types.ts";
import type { Settings } from "../../settings.types.ts";
import { own } from "./own.ts";

/** The handlers that get notifications of a type. `faces` gets none while it is off, and `chat` none without CHAT_WEBHOOKS. */
export function routedHandlers(
  type: string,
  { routes }: Pick<Settings, "routes">,
  { faces, chats }: Pick<Config, "faces" | "chats">,
): readonly string[] {
  const routed = own(routes, type) ?? [];
  return routed.filter(
    (handler) => (handler !== "faces" || faces !== null) && (handler !== "chat" || chats.length > 0),
  );
}
