import { apiSecretWarning } from "../../config.ts";
import { own } from "../../lib/shared/own.ts";
import { isPlaceholder, pasted } from "../../lib/shared/pasted.ts";
import type { DoctorContext } from "../context.ts";
import { type Finding, failed, notChecked, ok, warning } from "../finding.ts";

/** Every variable that the receiver reads; those of `oneValue` hold no space. */
const variables = new Map<string, { oneValue: boolean }>([
  ["CLOUDINARY_URL", { oneValue: true }],
  ["CLOUDINARY_URLS", { oneValue: false }],
  ["CLOUDINARY_WEBHOOK_SECRETS", { oneValue: false }],
  ["DATABASE_URL", { oneValue: false }], // `psql '…'` is understood.
  ["DATABASE_CA", { oneValue: false }],
  ["SENDGRID_API_KEY", { oneValue: true }],
  ["RESEND_API_KEY", { oneValue: true }],
  ["RESEND_BASE_URL", { oneValue: true }],
  ["FROM_VERIFIED_SENDER", { oneValue: false }],
  ["TO_RECIPIENTS", { oneValue: false }],
  ["SENDGRID_BASE_URL", { oneValue: true }],
  ["SENDGRID_WEBHOOK_KEY", { oneValue: true }],
  ["CHAT_WEBHOOKS", { oneValue: false }],
  ["APPROVE_LINK_SECRET", { oneValue: true }],
  ["ALERT_CHAT_WEBHOOKS", { oneValue: false }],
  ["ALERT_RECIPIENTS", { oneValue: false }],
  ["ALERT_WEBHOOK_URL", { oneValue: true }],
  ["ALERT_WEBHOOK_SECRET", { oneValue: false }],
  ["PIM_WEBHOOK_URL", { oneValue: true }],
  ["PIM_WEBHOOK_SECRET", { oneValue: false }],
  ["AKENEO_URL", { oneValue: true }],
  ["AKENEO_CLIENT_ID", { oneValue: true }],
  ["AKENEO_SECRET", { oneValue: true }],
  ["AKENEO_USERNAME", { oneValue: false }],
  ["AKENEO_PASSWORD", { oneValue: false }],
  ["REKOGNITION_COLLECTION", { oneValue: true }],
  ["REKOGNITION_REGION", { oneValue: true }],
  ["REKOGNITION_ACCESS_KEY_ID", { oneValue: true }],
  ["REKOGNITION_SECRET_ACCESS_KEY", { oneValue: true }],
  ["REKOGNITION_SESSION_TOKEN", { oneValue: true }],
  ["REKOGNITION_ENDPOINT", { oneValue: true }],
  ["OPERATOR_TOKEN", { oneValue: false }],
  ["MIGRATE_ON_BUILD", { oneValue: true }],
]);

const mailVariables = ({ settings }: DoctorContext): string[] => [
  settings.email.provider === "resend" ? "RESEND_API_KEY" : "SENDGRID_API_KEY",
  "FROM_VERIFIED_SENDER",
  "TO_RECIPIENTS",
];

/** Each variable: what is missing, written wrongly, or set without effect. */
export async function checkEnvironment(context: DoctorContext): Promise<Finding[]> {
  const present = [...variables].filter(([name]) => textOf(context, name) !== "");
  const found = [
    ...present.flatMap(([name, { oneValue }]) => asWritten(context, name, oneValue)),
    ...asRead(context),
    ...missing(context),
    ...unused(context),
  ];
  const named = new Set(found.map(({ id }) => id));
  const fine = present
    .filter(([name]) => !named.has(`environment.${name}`))
    .map(([name]) => ok(`environment.${name}`, `${name} is set`));
  return [...fine, ...found];
}

function textOf({ env }: DoctorContext, name: string): string {
  return (own(env, name) ?? "").trim();
}

/** Marks around a value that come from copying it. */
function asWritten(context: DoctorContext, name: string, oneValue: boolean): Finding[] {
  const id = `environment.${name}`;
  const raw = own(context.env, name) ?? "";
  const value = pasted(name, raw);
  const hasName = new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`).test(raw);
  const isQuoted = /^(["'`]).*\1$/s.test(
    raw.trim().replace(new RegExp(`^(?:export\\s+)?${name}\\s*=\\s*`), ""),
  );
  const marks = [
    ...(hasName ? ["begins with its own name"] : []),
    ...(isQuoted ? ["is in quotes"] : []),
    ...(raw !== raw.trim() ? ["has spaces or line breaks around it"] : []),
  ];
  const found: Finding[] = [];
  // The Cloudinary SDK reads this one itself, and fails on it: config reports that.
  if (marks.length > 0 && !(name === "CLOUDINARY_URL" && (hasName || isQuoted)))
    found.push(
      warning(id, `The value of ${name} ${marks.join(" and ")}`, {
        why: "The receiver ignores that, but other programs that read the variable may not.",
        fix: `Set ${name} to the value alone, without its name, quotes or spaces around it.`,
      }),
    );
  if (oneValue && /\s/.test(value))
    found.push(
      failed(id, `The value of ${name} contains a space or line break`, {
        why: "It cannot be used as it is.",
        fix: `Copy the value of ${name} again.`,
      }),
    );
  else if (name !== "CLOUDINARY_URL" && oneValue && isPlaceholder(value))
    found.push(
      failed(id, `${name} holds a placeholder`, {
        why: "The service will reject it.",
        fix: `Set ${name} to the real value.`,
      }),
    );
  else if (name === "RESEND_API_KEY" && !value.startsWith("re_") && !value.startsWith("SG.local."))
    found.push(
      warning(id, `${name} does not begin with re_`, {
        why: "Every Resend API key does: this is probably the key's id, or only a part of it.",
        fix: "Create a key in Resend under API Keys. It is shown once.",
      }),
    );
  else if (name === "SENDGRID_API_KEY" && !value.startsWith("SG."))
    found.push(
      warning(id, `${name} does not begin with SG.`, {
        why: "Every SendGrid API key does: this is probably the key's id, or only a part of it.",
        fix: "Create a key in SendGrid under Settings, API Keys. It is shown once.",
      }),
    );
  return found;
}

/** What the receiver itself says when it reads them. */
function asRead({ config, siteUrl, isLocal }: DoctorContext): Finding[] {
  const problems = config.problems.map((problem) => {
    const isDatabase = / is missing/.test(problem) && /^DATABASE_URL/.test(problem);
    if (isDatabase && isLocal)
      return ok("environment.DATABASE_URL", "The receiver uses its embedded database");
    if (isDatabase && siteUrl !== null)
      return notChecked(
        "environment.DATABASE_URL",
        "DATABASE_URL is not set here",
        "On Netlify, the platform sets the address of its own database. Findings about the database come from the deployed receiver.",
      );
    return failed(`environment.${nameIn(problem)}`, problem, {
      why: "The receiver answers 500 not-configured to every notification.",
      fix: `Set ${nameIn(problem)} as described in docs/going-live.md, then deploy again: variables are part of a deploy.`,
    });
  });
  const warnings = config.warnings
    .filter((text) => text !== apiSecretWarning && !text.endsWith("holds a placeholder"))
    .map((text) =>
      warning(`environment.${nameIn(text)}`, text, {
        why: "The receiver works without it, or less safely.",
        fix: `Correct ${nameIn(text)}; docs/going-live.md describes its form.`,
      }),
    );
  const operators = config.operatorProblems.map((problem) =>
    failed("environment.OPERATOR_TOKEN", problem, {
      why: "This entry opens nothing.",
      fix: "Create a token with `openssl rand -hex 24` and set name:token.",
    }),
  );
  return [...problems, ...warnings, ...operators];
}

/** Problems begin with the variable, or with the file. */
function nameIn(problem: string): string {
  return /^[A-Z][A-Z0-9_]+|^src\/settings\.ts/.exec(problem)?.[0] ?? "configuration";
}

/** What receiving does not need, and something else does. */
function missing(context: DoctorContext): Finding[] {
  const found: Finding[] = [];
  const { config, settings } = context;
  const isSet = (name: string) => textOf(context, name) !== "";
  if (!isSet("CLOUDINARY_URL") && !isSet("CLOUDINARY_URLS") && config.secrets.length > 0)
    found.push(
      warning("environment.CLOUDINARY_URL", "CLOUDINARY_URL is not set", {
        why: "Moderation decisions are not carried out, and reconcile does not look for lost notifications.",
        fix: "Set CLOUDINARY_URL to cloudinary://<API key>:<API secret>@<cloud name>, as shown on the API Keys page of the Cloudinary console.",
      }),
    );
  const needed = mailVariables(context);
  const lacking = needed.filter((name) => !isSet(name));
  const wantsMail = Object.values(settings.routes).some((handlers) => handlers.includes("email"));
  if (lacking.length > 0 && wantsMail)
    found.push(
      (lacking.length === needed.length ? warning : failed)(
        lacking.length === needed.length ? "environment.email" : `environment.${lacking[0]}`,
        `${lacking.join(" and ")} ${lacking.length === 1 ? "is" : "are"} not set`,
        {
          why: "No e-mail is sent: its deliveries are skipped.",
          fix: `Set ${lacking.join(", ")}, or remove email from the routes in src/settings.ts.`,
        },
      ),
    );
  if (!isSet("OPERATOR_TOKEN"))
    found.push(
      warning("environment.OPERATOR_TOKEN", "OPERATOR_TOKEN is not set", {
        why: "The console and its API are closed.",
        fix: "Set OPERATOR_TOKEN to a token from `openssl rand -hex 24`.",
      }),
    );
  return found;
}

/** Names that people use for what the receiver reads under another one. */
const otherNames = new Map([
  ["CLOUDINARY_API_KEY", "CLOUDINARY_URL"],
  ["CLOUDINARY_API_SECRET", "CLOUDINARY_URL"],
  ["CLOUDINARY_CLOUD_NAME", "CLOUDINARY_URL"],
  ["CLOUDINARY_WEBHOOK_SECRET", "CLOUDINARY_WEBHOOK_SECRETS"],
  ["SENDGRID_KEY", "SENDGRID_API_KEY"],
  ["SENDGRID_TOKEN", "SENDGRID_API_KEY"],
  ["RESEND_KEY", "RESEND_API_KEY"],
  ["SLACK_WEBHOOK_URL", "CHAT_WEBHOOKS"],
  ["TEAMS_WEBHOOK_URL", "CHAT_WEBHOOKS"],
  ["DISCORD_WEBHOOK_URL", "CHAT_WEBHOOKS"],
  ["FROM_EMAIL", "FROM_VERIFIED_SENDER"],
  ["TO_RECIPIENT", "TO_RECIPIENTS"],
  ["OPERATOR_TOKENS", "OPERATOR_TOKEN"],
  ["POSTGRES_URL", "DATABASE_URL"],
  ["DB_URL", "DATABASE_URL"],
  ["DATABASE_URI", "DATABASE_URL"],
]);

function unused(context: DoctorContext): Finding[] {
  const { env, settings } = context;
  const isSet = (name: string) => textOf(context, name) !== "";
  const note = (name: string, what: string, fix: string) =>
    warning(`environment.${name}`, what, { why: "The receiver does not use it.", fix });
  const misnamed = Object.keys(env)
    .filter((name) => isSet(name) && !variables.has(name))
    .flatMap((name) => {
      const meant = otherNames.get(name);
      if (meant !== undefined && !isSet(meant))
        return [note(name, `${name} is set, and no part of the receiver reads it`, `Set ${meant} instead.`)];
      return /^(CLOUDINARY|SENDGRID|RESEND|PIM_WEBHOOK|AKENEO|OPERATOR)_/.test(name)
        ? [
            note(
              name,
              `${name} is set, and no part of the receiver reads it`,
              `Remove ${name}, or correct its name.`,
            ),
          ]
        : [];
    });
  const found = [...misnamed];
  const handlers = [...Object.values(settings.routes).flat(), ...settings.pim.connectors];
  for (const [name, connector] of [
    ["PIM_WEBHOOK_URL", "pim:webhook"],
    ["AKENEO_URL", "pim:akeneo"],
  ] as const)
    if (isSet(name) && !handlers.includes(connector))
      found.push(
        note(
          name,
          `${name} is set, but pim.connectors in src/settings.ts does not name ${connector}`,
          `Add "${connector}" to pim.connectors, or remove the variable.`,
        ),
      );
  const [mailKey = "", ...others] = mailVariables(context);
  const otherKey = mailKey === "RESEND_API_KEY" ? "SENDGRID_API_KEY" : "RESEND_API_KEY";
  if (isSet(otherKey) && !isSet(mailKey))
    found.push(
      note(
        otherKey,
        `${otherKey} is set, but email.provider in src/settings.ts is ${settings.email.provider}`,
        `Set email.provider to the provider of the key, or set ${mailKey} instead.`,
      ),
    );
  if ([mailKey, ...others].every(isSet) && !handlers.includes("email"))
    found.push(
      note(
        mailKey,
        `${mailKey} is set, but no route leads to email`,
        "Add email to a route in src/settings.ts, or remove the variable.",
      ),
    );
  if (isSet("DATABASE_URL") && isSet("NETLIFY_DB_URL"))
    found.push(
      note(
        "NETLIFY_DB_URL",
        "DATABASE_URL and NETLIFY_DB_URL are both set: DATABASE_URL is used",
        "Remove DATABASE_URL to use Netlify's own database.",
      ),
    );
  if (isSet("DATABASE_CA") && /[?&]sslmode=(disable|allow|no-verify)\b/.test(textOf(context, "DATABASE_URL")))
    found.push(
      note(
        "DATABASE_CA",
        "DATABASE_CA is set, but sslmode in DATABASE_URL verifies no certificate",
        "Use sslmode=verify-full, or verify-ca.",
      ),
    );
  if (isSet("MIGRATE_ON_BUILD") && !["true", "false"].includes(textOf(context, "MIGRATE_ON_BUILD")))
    found.push(
      note(
        "MIGRATE_ON_BUILD",
        "MIGRATE_ON_BUILD is neither true nor false",
        "Set it to true to migrate in production builds.",
      ),
    );
  return found;
}
