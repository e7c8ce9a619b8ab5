import type { Config } from "../../config.types.ts";
import { settings } from "../../settings.ts";

/**
 * Where a preview may load pictures from: as the console itself (netlify.toml), and beside `netlify dev` from the emulator.
 * Anything else would tell its host who reads which mail.
 */
export function imageSources({ local }: Pick<Config, "local">): string[] {
  const own = settings.moderation.ownHosts.map((host) => `https://${host}`);
  const emulator = local ? ["http://127.0.0.1:*", "http://localhost:*"] : [];
  return ["data:", "https://*.cloudinary.com", ...own, ...emulator];
}
