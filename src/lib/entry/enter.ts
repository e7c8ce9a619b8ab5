import type { Context } from "@netlify/functions";
import { isPreview, processVariables } from "../../config.ts";
import type { Config, Environment } from "../../config.types.ts";
import { settings } from "../../settings.ts";
import { log } from "../shared/log.ts";
import { currentConfig } from "./current-config.ts";

/** The part of Netlify's context that every function uses. */
export interface DeployContext {
  deploy: Pick<Context["deploy"], "context">;
}

export type Entry =
  | {
      ok: true;
      config: Config;
      /** The variables as they are written, which only Health looks at. */
      variables: Environment;
      /** This site's own address, for calls from one function to another. Never from `request.url` under `netlify dev`, where that follows the Host header. */
      origin: string;
    }
  | { ok: false; reason: "preview" | "not-configured" };

/**
 * The gate of every function. Deploy previews and branch deploys do nothing unless the settings give them their own database.
 * A function without its essential variables only logs which ones are missing.
 */
export function enter(request: Request, { deploy }: DeployContext): Entry {
  if (isPreview(deploy.context) && settings.previewDatabaseVariable === null)
    return { ok: false, reason: "preview" };
  const reading = currentConfig(deploy.context);
  if (!reading.ok) {
    log("error", "not configured, requests are rejected", { problems: reading.problems.join("; ") });
    return { ok: false, reason: "not-configured" };
  }
  const { config } = reading;
  warnOnce(config);
  return {
    ok: true,
    config,
    variables: processVariables(),
    origin: config.localUrl ?? new URL(request.url).origin,
  };
}

let warned = false;

/** Once for each instance, at its cold start. */
function warnOnce({ warnings, settingsProblems }: Config): void {
  if (warned) return;
  warned = true;
  if (settingsProblems.length > 0)
    log("error", "the settings have errors", { problems: settingsProblems.join("; ") });
  if (warnings.length > 0) log("warn", "configured with warnings", { warnings: warnings.join("; ") });
}
