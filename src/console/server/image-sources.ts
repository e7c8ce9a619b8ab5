import type { Config } from "../../config.types.ts";
import { settings } from "../../settings.ts";

/**
 * The allowed picture hosts of a preview: those of the console itself (netlify.toml), and under `netlify dev` the emulator. Any other
 * host could track who reads which mail.
 */
export function imageSources({ local }: Pick<Config, "local">): string[] {
  // An entry can begin with the name of its cloud.
  const entries: readonly string[] = settings.moderation.ownHosts;
  const own = entries.map((entry) => `https://${entry.split(":").at(-1)}`);
  const emulator = local ? ["http://127.0.0.1:*", "http://localhost:*"] : [];
  return ["data:", "https://*.cloudinary.com", ...own, ...emulator];
}
