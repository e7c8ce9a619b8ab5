import { isLoopback } from "./loopback.ts";

export const chatServices = ["slack", "teams", "discord"] as const;
export type ChatService = (typeof chatServices)[number];

/** An incoming webhook of a chat. Its URL is a secret: whoever has it can post. */
export interface ChatWebhook {
  /** Chosen by the operator, otherwise the service; rules and results name it. */
  name: string;
  service: ChatService;
  url: string;
}

export interface ChatVariables {
  webhooks: ChatWebhook[];
  /** Names the variable and the position of an entry, never its URL. */
  problems: string[];
}

/** `name=URL` or `URL`, separated by spaces. `allowLocal`: emulators on this machine. */
export function readChats(variable: string, text: string | undefined, allowLocal: boolean): ChatVariables {
  const webhooks: ChatWebhook[] = [];
  const problems: string[] = [];
  const entries = text?.split(/\s+/).filter(Boolean) ?? [];
  for (const [index, entry] of entries.entries()) {
    const label = `${variable}: entry ${index + 1}`;
    const [, named, url = ""] = /^(?:([\w-]{1,40})=)?(.*)$/s.exec(entry) ?? [];
    const service = URL.canParse(url) ? serviceOf(new URL(url), allowLocal) : null;
    if (service === null || service === "retired") {
      problems.push(
        service === "retired"
          ? `${label} is a retired Office connector: create a webhook with the Workflows app in Teams`
          : `${label} is not the URL of an incoming webhook of Slack, Teams (Workflows) or Discord`,
      );
      continue;
    }
    const name = named ?? service;
    if (webhooks.some((webhook) => webhook.name === name))
      problems.push(`${label} has the name ${name} of another entry: write name=URL`);
    else webhooks.push({ name, service, url });
  }
  return { webhooks, problems };
}

/** Recognised by its host, so that a message can go to no other. */
function serviceOf(url: URL, allowLocal: boolean): ChatService | "retired" | null {
  if (allowLocal && isLoopback(url))
    return chatServices.find((service) => url.pathname.startsWith(`/chat/${service}/`)) ?? null;
  const { protocol, hostname, pathname, port, username } = url;
  if (protocol !== "https:" || username !== "") return null;
  if (/(^|\.)webhook\.office\.com$|^outlook\.office\.com$/.test(hostname)) return "retired";
  // Their URLs name the default port.
  if (/\.(logic\.azure\.(com|us)|api\.powerplatform\.(com|us))$/.test(hostname))
    return /\/workflows\//.test(pathname) ? "teams" : null;
  if (port !== "") return null;
  if (/^hooks\.slack(-gov)?\.com$/.test(hostname)) return pathname.startsWith("/services/") ? "slack" : null;
  if (/^((ptb|canary)\.)?discord(app)?\.com$/.test(hostname))
    return /^\/api\/(v\d+\/)?webhooks\/\d+\/[\w-]+$/.test(pathname) ? "discord" : null;
  return null;
}

/** The parts of a URL that give access, for `conceal`. */
export function secretsOf({ url }: ChatWebhook): string[] {
  const { pathname, search, searchParams } = new URL(url);
  const last = pathname.split("/").at(-1) ?? "";
  return [url, `${pathname}${search}`, pathname, last, searchParams.get("sig") ?? ""].filter(
    (part) => part.length >= 16,
  );
}
