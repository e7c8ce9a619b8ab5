import { own } from "../../../lib/shared/own.ts";
import { attentionTexts } from "./attention.ts";

/** Why deliveries failed or are on hold, for people: what it is, and what to do about it. */
export interface CauseWords {
  title: string;
  /** null: nothing better is known than to look at one. */
  todo: string | null;
}

interface Pattern extends CauseWords {
  handler?: RegExp;
  cause: RegExp;
}

const thenTry = "Deploy, try one, then send the rest.";

const failures: readonly Pattern[] = [
  {
    handler: /^email$/,
    cause: /authorization grant|SendGrid\D*401/i,
    title: "SendGrid does not accept the API key",
    todo: `Set SENDGRID_API_KEY to a key with the permission “Mail Send”. ${thenTry}`,
  },
  {
    handler: /^email$/,
    cause: /Resend\D*40[13]|Resend.*API key/i,
    title: "Resend does not accept the API key or the sender",
    todo: `Set RESEND_API_KEY to a key with sending access, and verify the domain of FROM_VERIFIED_SENDER at Resend. ${thenTry}`,
  },
  {
    handler: /^email$/,
    cause: /sender identity|SendGrid\D*403/i,
    title: "SendGrid does not accept the sender",
    todo: `Verify the address of FROM_VERIFIED_SENDER at SendGrid, or give the key the permission “Mail Send”. Then try one, and send the rest.`,
  },
  {
    handler: /^email$/,
    cause: /SendGrid rejected … ?of|SendGrid rejected \d+ of|every recipient|recipients/i,
    title: "The mail provider does not accept some of the recipients",
    todo: "Correct the addresses in TO_RECIPIENTS or in the settings, deploy, then send again. Recipients who have the e-mail do not get it twice.",
  },
  {
    handler: /^email$/,
    cause: /(SendGrid|Resend)\D*429|limit|quota/i,
    title: "The mail provider limits how much is sent",
    todo: "Wait until the limit is over, or raise it at the provider. Then try one, and send the rest.",
  },
  {
    handler: /^email$/,
    cause: /no response|(SendGrid|Resend)\D*5\d\d|deadline/i,
    title: "The mail provider did not respond",
    todo: "Check the provider's status page. When it works again, try one, then send the rest.",
  },
  {
    handler: /^chat$/,
    cause: /revoked/,
    title: "A chat webhook was revoked, or its channel is gone",
    todo: `Create another incoming webhook and set it in CHAT_WEBHOOKS. ${thenTry} Channels that have the message do not get it twice.`,
  },
  {
    cause: /^schema:/,
    title: "The body does not match its type",
    todo: "Open one to see which values differ. Correct the sender or update the schema, deploy, then apply it again.",
  },
  {
    cause: /^unknown handler/,
    title: "No code is deployed for this handler",
    todo: "Deploy the handler, or remove it from the routes in the settings.",
  },
  {
    cause: /^lease-lost/,
    title: "The worker stopped before it was done, every time",
    todo: "Look into the function log of deliver-background: out of memory and out of time are the usual reasons.",
  },
  {
    cause: /^deadline/,
    title: "It took too long",
    todo: "Check whether the other system is slow, or raise deliver.handlerTimeoutMs in the settings.",
  },
  {
    cause: /^the database rejects/,
    title: "The database does not accept a value in it",
    todo: "Open one: its body has a value that PostgreSQL cannot store, such as a null character.",
  },
  {
    handler: /:akeneo$/,
    cause: /request for a token/,
    title: "Akeneo does not accept the credentials",
    todo: `Check AKENEO_URL, AKENEO_CLIENT_ID, AKENEO_SECRET, AKENEO_USERNAME and AKENEO_PASSWORD. ${thenTry}`,
  },
  {
    handler: /:/,
    cause: /answered (401|403)/,
    title: "The other system does not accept the credentials",
    todo: `Check the credentials of this connector. ${thenTry}`,
  },
  {
    handler: /:/,
    cause: /answered (4\d\d)/,
    title: "The other system rejects the product",
    todo: "Its answer says which value it does not accept. Correct it there or in the settings, then try one.",
  },
  {
    handler: /:/,
    cause: /answered 5\d\d|did not answer|timeout|ECONN|fetch failed/i,
    title: "The other system did not respond",
    todo: "When it works again, try one, then push the rest.",
  },
  {
    handler: /^moderation$/,
    cause: /401|unknown api_key|Invalid Signature/i,
    title: "Cloudinary does not accept the credentials",
    todo: `Compare CLOUDINARY_URL with the API keys of the product environment. ${thenTry}`,
  },
  {
    handler: /^moderation$/,
    cause: /420|429|rate limit/i,
    title: "Cloudinary limits the number of calls",
    todo: "Wait for an hour, then try one.",
  },
];

/** The title and the remedy of a cause. A cause that nobody foresaw is its own title. */
export function causeWords(state: "dead" | "held", handler: string, cause: string): CauseWords {
  if (state === "held") {
    const words = own(attentionTexts.heldCauses, cause);
    // What is said of it in full is its meaning.
    const [sentence] = (own(attentionTexts.held, cause) ?? cause).split(/\.(?: |$)/);
    return words ?? { title: sentence ?? cause, todo: null };
  }
  const found = failures.find((one) => (one.handler?.test(handler) ?? true) && one.cause.test(cause));
  return found ?? { title: cause, todo: null };
}

const counted = (count: number, one: string, several: string) => `${count} ${count === 1 ? one : several}`;

/** What the world lacks because of it, for the line at the top. */
export function lacking(state: "dead" | "held", handler: string, cause: string, count: number): string {
  if (handler === "email")
    return state === "held" && cause === "outcome-unknown"
      ? `${counted(count, "e-mail", "e-mails")} may not have been sent`
      : `${counted(count, "e-mail was", "e-mails were")} not sent`;
  if (handler === "chat")
    return state === "held"
      ? `${counted(count, "chat message", "chat messages")} may not have been posted`
      : `${counted(count, "chat message was", "chat messages were")} not posted`;
  if (handler === "moderation")
    return state === "held"
      ? `${counted(count, "picture waits", "pictures wait")} for your decision`
      : `${counted(count, "decision was", "decisions were")} not carried out`;
  if (handler === "pim") return `${counted(count, "change is", "changes are")} missing on products`;
  if (handler.includes(":")) return `${counted(count, "product is", "products are")} outdated in ${handler}`;
  return `${counted(count, "delivery of", "deliveries of")} ${handler} ${state === "held" ? "on hold" : "failed"}`;
}

/** What it means, in a sentence or two. */
export function meaning(state: "dead" | "held", handler: string, cause: string, count: number): string {
  const one = count === 1;
  if (handler === "email")
    return state === "held" && cause === "outcome-unknown"
      ? "The connection was lost while sending. If you send again, recipients may get it twice; if you do not, they may not have it."
      : `${one ? "Its recipients" : "Their recipients"} know nothing of ${one ? "it" : "them"}. Products and moderation are not affected.`;
  if (handler === "chat")
    return state === "held"
      ? "The connection was lost while posting. If you post again, the channel may have it twice; if you do not, it may be missing."
      : "At least one channel does not have it. Those that have it do not get it again. Products and moderation are not affected.";
  if (handler === "moderation")
    return state === "held"
      ? (own(attentionTexts.held, cause) ?? "The decision waits for you.")
      : `The ${one ? "picture stays" : "pictures stay"} as before: neither published nor deleted.`;
  if (handler === "pim")
    return `The products show what they showed before ${one ? "this change" : "these changes"}. E-mail and moderation are not affected.`;
  if (handler.includes(":"))
    return `The other system shows older pictures of ${one ? "this product" : "these products"}. The products here are up to date.`;
  return "Its handler did not do its part. The other handlers are not affected.";
}

/** The dearest first: pictures that should not be seen, people who do not know, products that are wrong. */
export function dearness(state: "dead" | "held", handler: string): number {
  const order = ["dead moderation", "dead email", "dead pim", "held email", "held moderation"];
  const at = order.indexOf(`${state} ${handler}`);
  return at === -1 ? (state === "dead" ? 2.5 : order.length) : at;
}
