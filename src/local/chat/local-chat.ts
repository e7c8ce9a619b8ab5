import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type ChatService, chatServices } from "../../lib/shared/chat-variables.ts";
import { type Fault, Faults } from "../faults.ts";
import { chatPage } from "./chat-page.ts";
import { maxTeamsBytes, type PostedMessage, postedSchema } from "./payload-rules.ts";

export interface LocalChatOptions {
  /** The folder for the messages; created if missing. */
  dataDir: string;
  /** The only accepted end of a webhook's path; by default any. */
  token?: string;
  now?: () => number;
}

export type LocalChat = Awaited<ReturnType<typeof localChat>>;

/**
 * Emulates the incoming webhooks of Slack, Microsoft Teams (Workflows) and Discord under `/chat/<service>/…`, and serves a page that
 * shows the messages. `fetch` returns null for other paths.
 */
export async function localChat({ dataDir, token, now = Date.now }: LocalChatOptions) {
  const faults = new Faults();
  const file = join(dataDir, "messages.jsonl");
  await mkdir(dataDir, { recursive: true });
  let messages = await readMessages(file);

  async function hook(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const service = serviceOf(pathname);
    if (service === null) return new Response(null, { status: 404 });
    if (request.method !== "POST") return new Response(null, { status: 405 });
    if (token !== undefined && !pathname.endsWith(`/${token}`)) return gone(service);
    const text = await request.text();
    const at = new Date(now()).toISOString();
    if (service === "teams" && Buffer.byteLength(text) > maxTeamsBytes)
      return Response.json({ error: { code: "RequestEntityTooLarge" } }, { status: 413 });
    const read = postedSchema.safeParse({ service, at, message: parsed(text) });
    if (!read.success) return invalid(service, z.prettifyError(read.error));
    messages = [...messages, read.data];
    await appendFile(file, `${JSON.stringify(read.data)}\n`);
    return accepted[service]();
  }

  return {
    faults,
    /** Oldest first. */
    messages: (): readonly PostedMessage[] => messages,
    async clear(): Promise<void> {
      messages = [];
      await writeFile(file, "");
    },
    async fetch(request: Request): Promise<Response | null> {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith("/chat/"))
        return await faults.around(request, hook, (fault) => faultAnswer(serviceOf(pathname), fault));
      if (pathname === "/chat.json") return Response.json({ messages });
      if (pathname !== "/chat") return null;
      if (request.method === "DELETE") {
        await this.clear();
        return new Response(null, { status: 204 });
      }
      return chatPage(messages);
    },
  };
}

const serviceOf = (pathname: string): ChatService | null =>
  chatServices.find((service) => pathname.startsWith(`/chat/${service}/`)) ?? null;

const accepted: Readonly<Record<ChatService, () => Response>> = {
  slack: () => new Response("ok"),
  teams: () => new Response(null, { status: 202 }),
  discord: () => new Response(null, { status: 204 }),
};

/** As each service answers for a webhook that was deleted. */
function gone(service: ChatService): Response {
  switch (service) {
    case "slack":
      return new Response("no_service", { status: 404 });
    case "teams":
      return Response.json({ error: { code: "WorkflowTriggerNotFound" } }, { status: 404 });
    case "discord":
      return Response.json({ message: "Unknown Webhook", code: 10015 }, { status: 404 });
    default:
      return service satisfies never;
  }
}

function invalid(service: ChatService, problem: string): Response {
  if (service === "slack") return new Response(`invalid_blocks ${problem}`, { status: 400 });
  return Response.json({ code: 50035, message: `Invalid Form Body: ${problem}` }, { status: 400 });
}

function faultAnswer(service: ChatService | null, { status, body, headers }: Fault): Response {
  if (status !== 429) return new Response(body ?? "", { status, headers });
  if (service === "discord")
    return Response.json(
      {
        message: "You are being rate limited.",
        retry_after: Number(headers["X-RateLimit-Reset-After"] ?? 1.5),
        global: false,
      },
      { status, headers },
    );
  return new Response(body ?? "rate_limited", { status, headers: { "Retry-After": "1", ...headers } });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readMessages(file: string): Promise<PostedMessage[]> {
  try {
    const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
    return lines.map((line) => postedSchema.parse(JSON.parse(line)));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new Error(`${file} cannot be read. Delete it to start with empty chats.`, { cause: error });
  }
}
