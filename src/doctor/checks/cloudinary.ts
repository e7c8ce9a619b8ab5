import type { CloudinaryAccount } from "../../config.types.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import { listPresets, type UploadPreset } from "../../lib/cloudinary/presets.ts";
import { listTriggers, type Trigger } from "../../lib/cloudinary/triggers.ts";
import { isLoopback } from "../../lib/shared/loopback.ts";
import type { DoctorContext } from "../context.ts";
import { type Finding, failed, notChecked, ok, warning } from "../finding.ts";
import { isHook, publicPath } from "../hook-paths.ts";

const limits = { timeoutMs: 8_000 };
const setup = "Run `npx webhooks setup --url https://<your site>`.";

/** Whether each account can be used, and sends its notifications here. */
export async function checkCloudinary(context: DoctorContext): Promise<Finding[]> {
  const { accounts } = context.config;
  const [only, ...others] = accounts;
  if (only === undefined) return [notChecked("cloudinary", "Cloudinary", "No usable CLOUDINARY_URL is set.")];
  if (others.length === 0) return await ofAccount(only, context);
  const found = await Promise.all(
    accounts.map(async (account) => (await ofAccount(account, context)).map(naming(account.cloudName))),
  );
  return [...found.flat(), ...(await checkFirstCloud(context))];
}

/** With several clouds, each finding names its own. */
const naming =
  (cloud: string) =>
  (finding: Finding): Finding => ({
    ...finding,
    id: finding.id.replace(/^cloudinary/, `cloudinary.${cloud}`),
    what: `${cloud}: ${finding.what}`,
  });

/**
 * The ids of the first cloud's assets are kept without its name, so another one in its place would be taken for it. The oldest and the
 * newest records show which one it was.
 */
async function checkFirstCloud({ config, database }: DoctorContext): Promise<Finding[]> {
  const first = config.ownCloud;
  try {
    const { db } = await database();
    const { rows } = await db.query<{ cloud: string }>(
      `with ends as (
         (select cloud, asset_prefix from notifications order by received_at desc, id desc limit 500)
         union all (select cloud, asset_prefix from notifications order by received_at, id limit 500))
       select distinct cloud from ends
       where cloud = any ($1::text[]) and (asset_prefix = '') <> (cloud = $2)`,
      [config.accounts.map(({ cloudName }) => cloudName), first],
    );
    if (rows.length === 0) return [];
    return [
      failed("cloudinary.first", `${first} was not always the first cloud`, {
        why: `Assets of ${rows.map(({ cloud }) => cloud).join(", ")} were recorded when another cloud was the first one. The receiver now takes their ids for those of another cloud, so products, decisions and histories do not continue.`,
        fix: "Set CLOUDINARY_URL to the cloud that was the first one, and list the others in CLOUDINARY_URLS (docs/several-clouds.md).",
      }),
    ];
  } catch {
    return []; // The checks of the database say why.
  }
}

async function ofAccount(account: CloudinaryAccount, context: DoctorContext): Promise<Finding[]> {
  let triggers: Trigger[];
  try {
    triggers = await listTriggers(account, limits);
  } catch (error) {
    if (error instanceof CloudinaryError) return [unusable(error, account)];
    throw error;
  }
  const key = ok("cloudinary.key", `Key and secret of the cloud ${account.cloudName} work`);
  const { siteUrl } = context;
  if (siteUrl === null)
    return [
      key,
      notChecked(
        "cloudinary.triggers",
        "Triggers",
        "The receiver's address is unknown.",
        "Give it with --url, or set URL.",
      ),
    ];
  return [
    key,
    ...triggerFindings(triggers, siteUrl, account),
    ...(await presetFindings(account, context, siteUrl)),
  ];
}

function unusable(error: CloudinaryError, { assetPrefix }: CloudinaryAccount): Finding {
  const { code } = error;
  const variable = assetPrefix === undefined ? "CLOUDINARY_URL" : "CLOUDINARY_URLS";
  if (code === 401 || code === 404)
    return failed(
      "cloudinary.key",
      `Cloudinary rejects the key, the secret or the cloud's name in ${variable}`,
      {
        why: "Decisions cannot be carried out, and notifications of this account do not verify.",
        fix: `Copy ${variable} again from the API Keys page of the Cloudinary console.`,
      },
    );
  if (code === 403)
    return failed("cloudinary.key", `The key in ${variable} may not use the Admin API`, {
      why: "Decisions cannot be carried out, and reconcile does not work.",
      fix: "Give the key a role that may use the Admin API, or set another key.",
    });
  if (error.isRateLimit)
    return notChecked(
      "cloudinary.key",
      "Cloudinary",
      "The hourly allowance of Admin API calls is used up; try again later.",
    );
  return warning("cloudinary.reachable", "Cloudinary does not answer as expected", {
    why: error.message,
    fix: "Check the network of this machine and https://status.cloudinary.com, then try again.",
  });
}

function triggerFindings(
  triggers: readonly Trigger[],
  siteUrl: string,
  account: CloudinaryAccount,
): Finding[] {
  const site = new URL(siteUrl);
  const polled = triggers.filter(({ uri_type: type }) => type === "poll");
  const webhooks = triggers.flatMap((trigger) =>
    trigger.uri_type !== "poll" && URL.canParse(trigger.uri) ? [{ trigger, url: new URL(trigger.uri) }] : [],
  );
  const here = webhooks.filter(({ url }) => url.host === site.host);
  if (isLoopback(site) && !isStandIn(account))
    return [
      notChecked(
        "cloudinary.triggers",
        "Triggers",
        "Cloudinary cannot reach a receiver on this machine.",
        "Receive its notifications here with `npx webhooks listen`.",
      ),
    ];
  if (here.length === 0)
    return [
      polled.length > 0
        ? ok("cloudinary.triggers", `No trigger points here; ${polled.length} are for polling`)
        : failed(
            "cloudinary.triggers",
            `None of the account's ${triggers.length} triggers points to ${site.host}`,
            {
              why: `Notifications arrive only from calls and presets that name a notification_url.${elsewhere(webhooks, site)}`,
              fix: setup,
            },
          ),
    ];
  return [
    ok(
      "cloudinary.triggers",
      `${here.length} ${here.length === 1 ? "trigger points" : "triggers point"} to ${site.host}`,
    ),
    ...here.flatMap(({ trigger, url }) => ofTrigger(trigger, url, site)),
    ...coverage(here.map(({ trigger }) => trigger)),
  ];
}

/** Where a wrong address is likely: triggers on paths of ours at other hosts. */
function elsewhere(webhooks: readonly { url: URL }[], site: URL): string {
  const hosts = new Set(
    webhooks.filter(({ url }) => url.host !== site.host && isHook(url.pathname)).map(({ url }) => url.host),
  );
  return hosts.size === 0 ? "" : ` Triggers for a receiver point to ${[...hosts].slice(0, 5).join(", ")}.`;
}

function ofTrigger(
  { id, event_type: type, auth_scheme: scheme, payload_template: template }: Trigger,
  url: URL,
  site: URL,
): Finding[] {
  const found: Finding[] = [];
  const name = `The trigger for ${type} (${url.host}${url.pathname})`;
  if (!isHook(url.pathname))
    found.push(
      failed(`cloudinary.trigger-path.${id}`, `${name} points to no hook`, {
        why: "The site answers 404, and the notifications are lost.",
        fix: `Point it to ${site.origin}/webhooks: ${setup}`,
      }),
    );
  if (url.protocol !== site.protocol)
    found.push(
      failed(
        `cloudinary.trigger-protocol.${id}`,
        `${name} uses ${url.protocol}// instead of ${site.protocol}//`,
        {
          why: "A redirect to the other protocol is not a 200, which Cloudinary takes as a failure.",
          fix: `Change it to ${site.origin}${url.pathname}.`,
        },
      ),
    );
  if (scheme === "eddsa_v2")
    found.push(
      failed(`cloudinary.trigger-auth-scheme.${id}`, `${name} has the auth_scheme eddsa_v2`, {
        why: "Cloudinary then sends an EdDSA signature only. It publishes no key for it, so the receiver rejects every notification as signature-eddsa-only.",
        fix: `Set its auth_scheme to default or legacy_hmac. ${setup}`,
      }),
    );
  if (template !== undefined && template !== null && template !== "")
    found.push(
      warning(`cloudinary.trigger-template.${id}`, `${name} has a payload_template`, {
        why: "It replaces the body of the notification: handlers cannot read another shape.",
        fix: "Remove the template from the trigger.",
      }),
    );
  return found;
}

/** Types that something is done with, and that no trigger sends. */
function coverage(here: readonly Trigger[]): Finding[] {
  const types = new Set(here.map(({ event_type: type }) => type));
  const wanted = ["upload", "eager", "moderation", "delete", "rename"];
  const missing = types.has("all") ? [] : wanted.filter((type) => !types.has(type));
  return missing.length === 0
    ? []
    : [
        warning("cloudinary.trigger-types", `No trigger sends ${missing.join(", ")} here`, {
          why: "Products, e-mails and decisions that rest on these types are not updated.",
          fix: `Create a trigger for each type, or one for all. ${setup}`,
        }),
      ];
}

async function presetFindings(
  account: CloudinaryAccount,
  { settings }: DoctorContext,
  siteUrl: string,
): Promise<Finding[]> {
  let presets: UploadPreset[];
  try {
    presets = await listPresets(account, limits);
  } catch (error) {
    if (!(error instanceof CloudinaryError)) throw error;
    return [notChecked("cloudinary.presets", "Upload presets", error.message)];
  }
  const host = new URL(siteUrl).host;
  const here = presets.flatMap((preset) => {
    const url = textOf(preset.settings.notification_url);
    return URL.canParse(url) && new URL(url).host === host ? [{ preset, path: new URL(url).pathname }] : [];
  });
  const problems = here.flatMap(({ preset, path }) => ofPreset(preset, path, settings.pim.untrusted));
  return problems.length > 0
    ? problems
    : [
        ok(
          "cloudinary.presets",
          `${here.length} of ${presets.length} upload presets send their notifications here`,
        ),
      ];
}

function ofPreset(
  { name, unsigned, settings }: UploadPreset,
  path: string,
  untrusted: readonly string[],
): Finding[] {
  if (!isHook(path))
    return [
      failed(
        `cloudinary.preset.${name}`,
        `The upload preset ${name} sends its notifications to ${path}, which is no hook`,
        {
          why: "The site answers 404, and the notifications are lost.",
          fix: `Change its notification_url to /webhooks, or ${publicPath} for visitors.`,
        },
      ),
    ];
  if (unsigned !== true) return [];
  const found: Finding[] = [];
  if (path.replace(/\/$/, "") !== publicPath)
    found.push(
      failed(
        `cloudinary.preset.${name}`,
        `The unsigned upload preset ${name} sends its notifications to ${path}`,
        {
          why: "Anyone who knows the preset's name can then add pictures to products.",
          fix: `Change its notification_url to ${publicPath}.`,
        },
      ),
    );
  const folder = textOf(settings.asset_folder) || textOf(settings.folder);
  const isKnown = untrusted.some((one) => folder === one || folder.startsWith(`${one}/`));
  if (untrusted.length > 0 && !isKnown)
    found.push(
      warning(
        `cloudinary.preset-folder.${name}`,
        `The folder of the unsigned upload preset ${name} is not in pim.untrusted`,
        {
          why: "Uploads that reconcile finds, because their notification never arrived, are taken for your own.",
          fix: "Give the preset a folder of its own, and name it in pim.untrusted of src/settings.ts.",
        },
      ),
    );
  return found;
}

const isStandIn = ({ uploadPrefix }: CloudinaryAccount): boolean =>
  uploadPrefix !== undefined && isLoopback(new URL(uploadPrefix));

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
