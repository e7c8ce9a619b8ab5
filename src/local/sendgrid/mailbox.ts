import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Mail, mailSchema } from "./mail.ts";

const address = z.object({ email: z.string(), name: z.string().optional() });

const received = z.object({
  id: z.string(),
  /** Also sent as `x-message-id`; all personalizations of a call share it. */
  messageId: z.string(),
  receivedAt: z.string(),
  from: address,
  replyTo: address.optional(),
  to: z.array(address),
  cc: z.array(address),
  bcc: z.array(address),
  subject: z.string(),
  text: z.string().nullable(),
  html: z.string().nullable(),
  headers: z.record(z.string(), z.string()),
  customArgs: z.record(z.string(), z.string()),
  categories: z.array(z.string()),
  templateId: z.string().nullable(),
  attachments: z.array(mailSchema.shape.attachments.unwrap().element),
});
/** One recipient's copy: a call with three personalizations creates three. */
export type ReceivedMail = z.infer<typeof received>;

export type Mailbox = Awaited<ReturnType<typeof openMailbox>>;

/** Stores mails in memory and as lines in `mails.jsonl`. */
export async function openMailbox(dataDir: string) {
  const file = join(dataDir, "mails.jsonl");
  await mkdir(dataDir, { recursive: true });
  let mails = await readMails(file);
  let writing: Promise<void> = Promise.resolve();

  /** One write at a time, so that lines do not interleave. */
  const queued = (write: () => Promise<void>): Promise<void> => {
    const mine = writing.then(write);
    writing = mine.catch(() => undefined);
    return mine;
  };

  return {
    /** Oldest first. */
    list: (): readonly ReceivedMail[] => mails,
    find: (id: string): ReceivedMail | undefined => mails.find((mail) => mail.id === id),
    async put(mail: Mail, sent: { messageId: string; receivedAt: string }): Promise<void> {
      const fresh = mail.personalizations.map((_, at) => receivedOf(mail, at, sent));
      mails = [...mails, ...fresh];
      await queued(() => appendFile(file, fresh.map((mail) => `${JSON.stringify(mail)}\n`).join("")));
    },
    async clear(): Promise<void> {
      mails = [];
      await queued(() => writeFile(file, ""));
    },
  };
}

function receivedOf(mail: Mail, at: number, sent: { messageId: string; receivedAt: string }): ReceivedMail {
  const mine = mail.personalizations[at];
  const fill = (text: string): string =>
    Object.entries(mine?.substitutions ?? {}).reduce(
      (filled, [mark, value]) => filled.replaceAll(mark, value),
      text,
    );
  const block = (type: string): string | null => {
    const value = mail.content?.find((part) => part.type === type)?.value;
    return value === undefined ? null : fill(value);
  };
  return received.parse({
    id: `${sent.messageId}.${at}`,
    ...sent,
    from: mine?.from ?? mail.from,
    replyTo: mail.reply_to,
    to: mine?.to ?? [],
    cc: mine?.cc ?? [],
    bcc: mine?.bcc ?? [],
    subject: fill(mine?.subject ?? mail.subject ?? ""),
    text: block("text/plain"),
    html: block("text/html"),
    headers: mine?.headers ?? {},
    customArgs: mine?.custom_args ?? {},
    categories: mail.categories ?? [],
    templateId: mail.template_id ?? null,
    attachments: mail.attachments ?? [],
  });
}

async function readMails(file: string): Promise<ReceivedMail[]> {
  try {
    const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
    return lines.map((line) => received.parse(JSON.parse(line)));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new Error(`${file} cannot be read. Delete it to start with an empty mailbox.`, { cause: error });
  }
}
