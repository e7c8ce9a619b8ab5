import * as z from "zod";
import { nudgePath } from "../../lib/deliveries/nudge.ts";
import { property } from "../../lib/shared/json.ts";
import { type Called, call } from "../call.ts";
import type { DoctorContext } from "../context.ts";
import { type Finding, failed, levels, notChecked, ok, warning } from "../finding.ts";
import { hookPaths } from "../hook-paths.ts";
import { inWords } from "../in-words.ts";

const maxClockSeconds = 30;

/** Whether the receiver answers at its address: public, with every function, and healthy by its own account. */
export async function checkSite(context: DoctorContext): Promise<Finding[]> {
  const { siteUrl } = context;
  if (siteUrl === null)
    return [notChecked("site", "The site", "Its address is unknown.", "Give it with --url, or set URL.")];
  const host = new URL(siteUrl).host;
  // Without a header of Cloudinary's it is neither counted nor does it wake a sleeping database.
  const answer = await call(`${siteUrl}/webhooks`, { method: "POST", body: "{}" });
  if (typeof answer === "string")
    return [
      failed("site.reachable", `${host} cannot be reached: ${answer}`, {
        why: "Cloudinary cannot reach it either, unless this machine is offline.",
        fix: "Check the address, its DNS entry and that the site is deployed.",
      }),
    ];
  const hook = hookFinding(answer, host);
  if (hook.level === "failed") return [hook, ...siteClock(answer, context)];
  return [
    hook,
    ...siteClock(answer, context),
    await otherHooks(siteUrl),
    await background(siteUrl, context),
    ...(await ownHealth(siteUrl, context)),
  ];
}

/** What an unsigned request to a hook is answered with tells who answers. */
function hookFinding({ status, json, headers, text }: Called, host: string): Finding {
  const reason = property(property(json, "error"), "reason");
  if (status === 401 && reason === "signature-missing")
    return ok("site.public", `${host} is public: the hook rejects an unsigned request itself`);
  if (reason === "not-configured")
    return failed("site.configured", `The receiver at ${host} lacks variables (500 not-configured)`, {
      why: "It rejects every notification.",
      fix: "The function's log names each. Set them with the scope Functions, then deploy again: variables are part of a deploy.",
    });
  if (reason === "preview")
    return failed("site.preview", `${host} is a deploy preview or a branch deploy`, {
      why: "Previews process no notifications, so that they do not act on production data.",
      fix: "Use the address of the production deploy, or name a database for previews (previewDatabaseVariable in src/settings.ts).",
    });
  const location = headers.get("location") ?? "";
  if (
    [401, 403].includes(status) ||
    (status >= 300 && status < 400 && /netlify\.com|login|sso|auth/i.test(location))
  )
    return failed("site.private", `${host} is private: the platform answers ${status} before the receiver`, {
      why: "Cloudinary cannot sign in, so no notification arrives. New Netlify teams have private projects.",
      fix: "In Netlify: Project configuration, Access & security, Visitor access: make the project public.",
    });
  if (status >= 300 && status < 400)
    return failed("site.redirect", `${host} redirects the hook's address (${status})`, {
      why: "Cloudinary takes anything but 200 for a failure.",
      fix: `Use the address that it redirects to${URL.canParse(location) ? `: ${new URL(location).origin}` : ""}.`,
    });
  const isPage = /<html/i.test(text);
  return failed(
    "site.receiver",
    `${host} answers ${status}${isPage ? " with a page" : ""}, and no receiver does that`,
    {
      why: "The address is wrong, or the functions are not deployed.",
      fix: "Check the address and, in Netlify, that Functions lists notification, upload, eager, moderation, delete and public.",
    },
  );
}

function siteClock({ headers }: Called, { now }: DoctorContext): Finding[] {
  const theirs = Date.parse(headers.get("date") ?? "");
  const seconds = Math.round((now() - theirs) / 1_000);
  if (Number.isNaN(theirs) || Math.abs(seconds) <= maxClockSeconds) return [];
  return [
    failed(
      "site.clock",
      `This clock is ${inWords(Math.abs(seconds))} ${seconds > 0 ? "ahead of" : "behind"} the site's`,
      {
        why: "What this machine signs is rejected when the difference is above five minutes ahead or two hours behind.",
        fix: "Synchronise the clock of this machine (NTP), and check its time zone.",
      },
    ),
  ];
}

/** One after the other: `netlify dev` starts each function at its first call. */
async function otherHooks(siteUrl: string): Promise<Finding> {
  const missing: string[] = [];
  const silent: string[] = [];
  for (const path of hookPaths.filter((path) => path !== "/webhooks")) {
    const answer = await call(`${siteUrl}${path}`, { method: "POST", body: "{}" });
    if (typeof answer === "string") silent.push(`${path} (${answer})`);
    else if (property(property(answer.json, "error"), "reason") !== "signature-missing") missing.push(path);
  }
  if (missing.length > 0)
    return failed("site.hooks", `No hook answers at ${missing.join(", ")}`, {
      why: "Notifications to these addresses are lost.",
      fix: "Deploy again, and check in Netlify that Functions lists one for each.",
    });
  if (silent.length > 0)
    return warning("site.hooks", `Some hooks did not answer: ${silent.join(", ")}`, {
      why: "Cloudinary waits for an answer for a limited time, and retries at most three times.",
      fix: "Run doctor again; if it repeats, look at the function's log in Netlify.",
    });
  return ok("site.hooks", "Every hook answers");
}

/** The platform answers 202 for a background function, regardless of its result; the function ignores this request. */
async function background(siteUrl: string, { isLocal }: DoctorContext): Promise<Finding> {
  const answer = await call(`${siteUrl}${nudgePath}`, { method: "POST" });
  if (typeof answer === "string") return notChecked("site.background", "deliver-background", `${answer}.`);
  if (answer.status === 202)
    return ok("site.background", "deliver-background is deployed as a background function");
  // The guard of `npm start` answers in front of it.
  if (isLocal) return ok("site.background", "deliver-background is guarded by npm start");
  return warning(
    "site.background",
    answer.status === 404
      ? "deliver-background is not deployed"
      : `deliver-background answers ${answer.status}: it does not run as a background function`,
    {
      why: "Deliveries wait for the sweep, up to five minutes, or are ended after 60 seconds.",
      fix: "Deploy again, and check in Netlify that Functions shows deliver-background as a background function.",
    },
  );
}

const healthSchema = z.looseObject({
  ok: z.boolean(),
  problem: z.string().nullish(),
  findings: z
    .array(
      z.object({
        id: z.string(),
        level: z.enum(levels),
        what: z.string(),
        why: z.string().nullable(),
        fix: z.string().nullable(),
      }),
    )
    .optional(),
});

/** What the deployed receiver finds about itself, with its own variables and its own database. */
async function ownHealth(siteUrl: string, { config }: DoctorContext): Promise<Finding[]> {
  const token = config.operators[0]?.token;
  const answer = await call(`${siteUrl}/api/health`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  const read = typeof answer === "string" ? null : healthSchema.safeParse(answer.json);
  if (!read?.success)
    return [
      failed("site.health", "The receiver's health cannot be read", {
        why: typeof answer === "string" ? `${answer}.` : `/api/health answers ${answer.status}.`,
        fix: "Check in Netlify that Functions lists console-api.",
      }),
    ];
  const { ok: isWell, problem, findings } = read.data;
  const state = isWell
    ? ok("site.health", "The receiver reports that it is healthy")
    : failed("site.health", `The receiver reports that it is unhealthy${problem ? ` (${problem})` : ""}`, {
        why: "Notifications are not recorded, or not delivered.",
        fix: "See its findings here, or Health in the console.",
      });
  if (findings === undefined)
    return [
      state,
      notChecked(
        "site.findings",
        "What the deployed receiver finds about itself",
        token === undefined
          ? "OPERATOR_TOKEN is not set here."
          : "It does not accept the OPERATOR_TOKEN that is set here.",
        "Set OPERATOR_TOKEN to one of its tokens.",
      ),
    ];
  return [
    state,
    ...findings
      .filter(({ level }) => level !== "ok")
      .map((one) => ({ ...one, id: `site.${one.id}`, what: `The receiver reports: ${one.what}` })),
  ];
}
