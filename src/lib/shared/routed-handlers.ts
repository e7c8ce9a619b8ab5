import type { Config } from "../../config.types.ts";
import type { Settings } from "../../settings.types.ts";
import { own } from "./own.ts";

/** The handlers that get notifications of a type. `faces` gets none while it is off. */
export function routedHandlers(
  type: string,
  { routes }: Pick<Settings, "routes">,
  { faces }: Pick<Config, "faces">,
): readonly string[] {
  const routed = own(routes, type) ?? [];
  return faces === null ? routed.filter((handler) => handler !== "faces") : routed;
}
