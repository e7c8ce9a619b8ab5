import { type Address, type Mail, mailSchema } from "./mail.ts";
import { type MailError, mailError } from "./mail-error.ts";

const maxRecipients = 1_000;
const maxHoursAhead = 72;

/** Returns the mail, or all its errors in the API's wording. */
export function check(
  body: unknown,
  nowSeconds: number,
): { ok: true; mail: Mail } | { ok: false; errors: MailError[] } {
  const parsed = mailSchema.safeParse(body);
  if (!parsed.success) {
    const errors = parsed.error.issues.map((issue) =>
      shapeError(issue.path.map(String).join("."), issue.message),
    );
    return { ok: false, errors };
  }
  const mail = parsed.data;
  const errors = [
    ...sender(mail),
    ...recipients(mail),
    ...subject(mail),
    ...content(mail),
    ...limits(mail, nowSeconds),
  ];
  return errors.length === 0 ? { ok: true, mail } : { ok: false, errors };
}

function shapeError(path: string, message: string): MailError {
  const topic = `message.${path.replace(/\.\d+/g, "")}`;
  if (path.startsWith("from")) {
    const words =
      'The from object must be provided for every email send. It is an object that requires the email parameter, but may also contain a name parameter.  e.g. {"email" : "example@example.com"}  or {"email" : "example@example.com", "name" : "Example Recipient"}.';
    return mailError("from.email", words, "message.from");
  }
  if (path === "personalizations") return noPersonalization();
  return mailError(path, `Bad Request: ${message}`, topic);
}

const noPersonalization = (): MailError =>
  mailError(
    "personalizations",
    "The personalizations field is required and must have at least one personalization.",
    "message.personalizations",
  );

function sender(mail: Mail): MailError[] {
  const isAscii = [...mail.from.email].every((letter) => letter.charCodeAt(0) < 128);
  const errors =
    isAddress(mail.from) && isAscii
      ? []
      : [mailError("from.email", "The from email does not contain a valid address.", "message.from")];
  const replies = mail.reply_to_list ?? [];
  const named = [
    ...(mail.reply_to === undefined ? [] : [{ field: "reply_to", address: mail.reply_to }]),
    ...replies.map((address, at) => ({ field: `reply_to_list.${at}`, address })),
  ];
  for (const { field, address } of named) {
    if (isAddress(address)) continue;
    errors.push(
      mailError(`${field}.email`, "Does not contain a valid address.", `message.${field.split(".")[0]}`),
    );
  }
  if (new Set(replies.map((address) => address.email)).size !== replies.length) {
    errors.push(mailError("reply_to_list", "Each address must be unique.", "message.reply_to_list"));
  }
  return errors;
}

function recipients(mail: Mail): MailError[] {
  if (mail.personalizations.length === 0) return [noPersonalization()];
  const errors = mail.personalizations.flatMap((recipients, at) =>
    personalization(recipients, `personalizations.${at}`),
  );
  const total = mail.personalizations.reduce((sum, recipients) => sum + everybody(recipients).length, 0);
  if (total > maxRecipients || mail.personalizations.length > maxRecipients) {
    const words = `The total number of recipients must be no more than ${maxRecipients}. This includes all recipients defined within the to, cc, and bcc parameters, across each object that you include in the personalizations array.`;
    errors.push(mailError("personalizations", words, "message.personalizations"));
  }
  return errors;
}

type Personalization = Mail["personalizations"][number];

const everybody = ({ to, cc = [], bcc = [] }: Personalization): Address[] => [...to, ...cc, ...bcc];

function personalization(recipients: Personalization, field: string): MailError[] {
  const lists = { to: recipients.to, cc: recipients.cc ?? [], bcc: recipients.bcc ?? [] };
  const isFromGood = recipients.from === undefined || isAddress(recipients.from);
  const errors = Object.entries(lists).flatMap(([list, addresses]) =>
    addresses.flatMap((address, at) =>
      isAddress(address)
        ? []
        : [
            mailError(
              `${field}.${list}.${at}.email`,
              "Does not contain a valid address.",
              `message.personalizations.${list}`,
            ),
          ],
    ),
  );
  if (!isFromGood) {
    errors.push(
      mailError(`${field}.from.email`, "Does not contain a valid address.", "message.personalizations.from"),
    );
  }
  if (recipients.to.length === 0) {
    const words =
      "The to array is required for all personalization objects, and must have at least one email object with a valid email address.";
    errors.push(mailError(`${field}.to`, words, "message.personalizations.to"));
  }
  const emails = everybody(recipients).map((address) => address.email.toLowerCase());
  const twice = emails.find((email, at) => emails.indexOf(email) !== at);
  if (twice !== undefined) {
    const words = `Each email address in the personalization block should be unique between to, cc, and bcc. We found the first duplicate instance of [${twice}] in the ${field} field.`;
    errors.push(mailError(field, words, "message.recipient-errors"));
  }
  return errors;
}

function subject(mail: Mail): MailError[] {
  const isGiven = (text: string | undefined): boolean => text !== undefined && text !== "";
  if (
    isGiven(mail.subject) ||
    mail.template_id !== undefined ||
    mail.personalizations.every((recipients) => isGiven(recipients.subject))
  )
    return [];
  const words =
    "The subject is required. You can get around this requirement if you use a template with a subject defined or if every personalization has a subject defined.";
  return [mailError("subject", words, "message.subject")];
}

function content(mail: Mail): MailError[] {
  const blocks = mail.content ?? [];
  if (blocks.length === 0) {
    if (mail.template_id !== undefined) return [];
    const words =
      "Unless a valid template_id is provided, the content parameter is required. There must be at least one defined content block. We typically suggest both text/plain and text/html blocks are included, but only one block is required.";
    return [mailError("content", words, "message.content")];
  }
  const empty = blocks.findIndex((block) => block.value === "");
  if (empty !== -1) {
    return [
      mailError(
        `content.${empty}.value`,
        "The content value must be a string at least one character in length.",
        "message.content.value",
      ),
    ];
  }
  const plain = blocks.findIndex((block) => block.type === "text/plain");
  if (plain > 0) {
    return [
      mailError(
        "content",
        "If present, text/plain must be the first content block, followed by text/html.",
        "message.content.type",
      ),
    ];
  }
  return [];
}

function limits(mail: Mail, nowSeconds: number): MailError[] {
  const errors: MailError[] = [];
  const categories = mail.categories ?? [];
  if (categories.length > 10) {
    errors.push(
      mailError("categories", "The categories array must not exceed 10 items.", "message.categories"),
    );
  }
  if (new Set(categories).size !== categories.length) {
    errors.push(mailError("categories", "The categories must be unique.", "message.categories"));
  }
  mail.personalizations.forEach((recipients, at) => {
    if (JSON.stringify(recipients.custom_args ?? {}).length < 10_000) return;
    errors.push(
      mailError(
        `personalizations.${at}.custom_args`,
        "The custom_args must be less than 10,000 bytes.",
        "message.custom_args",
      ),
    );
  });
  if ((mail.send_at ?? 0) > nowSeconds + maxHoursAhead * 3_600) {
    errors.push(
      mailError("send_at", "Scheduling more than 72 hours in advance is not permitted.", "message.send_at"),
    );
  }
  return errors;
}

/** One line, one @, a host with a dot: SendGrid's own check before it tries to deliver. */
function isAddress({ email }: Address): boolean {
  return email.length <= 320 && /^[^\s@<>,;]+@[^\s@<>,;.]+(\.[^\s@<>,;.]+)+$/.test(email);
}
