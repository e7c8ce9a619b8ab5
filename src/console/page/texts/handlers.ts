/** Names of the actions on deliveries, by handler. */
export interface HandlerWords {
  /** Beside what the other handlers of a notification do: "Send e-mail, update products". */
  part: string;
  again: string;
  againMany: (count: number) => string;
  againLead: string;
  leave: string;
  leaveMany: (count: number) => string;
  leaveLead: string;
  /** In the audit log, about a picture. */
  didAgain: (name: string) => string;
  didLeave: (name: string) => string;
  pauseLead: string;
  resumeLead: string;
  /** Doing it again may do what cannot be undone. */
  red?: boolean;
}

const noLoss = "Nothing is lost.";

const email: HandlerWords = {
  part: "send e-mail",
  again: "Send again",
  againMany: (count) => `Send ${count} e-mails again`,
  againLead: "Sends the e-mail to every recipient who does not have it yet.",
  leave: "Do not send",
  leaveMany: (count) => `Do not send ${count} e-mails`,
  leaveLead: "No e-mail is sent for this notification.",
  didAgain: (name) => `Sent the e-mail about ${name} again`,
  didLeave: (name) => `Discarded the e-mail about ${name}`,
  pauseLead: `No e-mail is sent until you resume. ${noLoss}`,
  resumeLead: "Queued e-mails are sent, oldest first.",
};

const chat: HandlerWords = {
  part: "post to chats",
  again: "Post again",
  againMany: (count) => `Post ${count} messages again`,
  againLead: "Posts the message to every channel that does not have it yet.",
  leave: "Do not post",
  leaveMany: (count) => `Do not post ${count} messages`,
  leaveLead: "No message is posted for this notification.",
  didAgain: (name) => `Posted the message about ${name} again`,
  didLeave: (name) => `Discarded the message about ${name}`,
  pauseLead: `No message is posted until you resume. ${noLoss}`,
  resumeLead: "Queued messages are posted, oldest first.",
};

/** For an e-mail that may or may not have been sent. */
const unknownEmail: HandlerWords = {
  ...email,
  againLead: "Recipients who already have it get it twice.",
  leave: "Mark as sent",
  leaveMany: (count) => `Mark ${count} as sent`,
  leaveLead: "Counts the e-mail as sent. Nothing is sent.",
  didLeave: (name) => `Marked the e-mail about ${name} as sent`,
};

const pim: HandlerWords = {
  part: "update products",
  again: "Update products again",
  againMany: (count) => `Apply ${count} again`,
  againLead: "Applies the notification to the products again, unless newer data is present.",
  leave: "Keep products unchanged",
  leaveMany: (count) => `Do not apply ${count}`,
  leaveLead: "The products are not changed.",
  didAgain: (name) => `Updated the product of ${name} again`,
  didLeave: (name) => `Kept the product of ${name} unchanged`,
  pauseLead: `Products do not change until you resume. ${noLoss}`,
  resumeLead: "Queued notifications are applied, oldest first.",
};

const push: HandlerWords = {
  part: "push product",
  again: "Push again",
  againMany: (count) => `Push ${count} again`,
  againLead: "Pushes the latest state of the product to the other system.",
  leave: "Do not push",
  leaveMany: (count) => `Do not push ${count}`,
  leaveLead: "The other system is not updated.",
  didAgain: (name) => `Pushed the product of ${name} again`,
  didLeave: (name) => `Skipped pushing the product of ${name}`,
  pauseLead: `Nothing is pushed to the other system until you resume. ${noLoss}`,
  resumeLead: "The latest state of each product is pushed.",
};

const moderation: HandlerWords = {
  part: "check decision",
  again: "Check decision again",
  againMany: (count) => `Check ${count} decisions again`,
  againLead:
    "Checks the decision against the settings again. If they say so, an approval publishes the picture and a rejection deletes it, which cannot be undone.",
  leave: "Keep picture unchanged",
  leaveMany: (count) => `Keep ${count} pictures unchanged`,
  leaveLead: "The decision is not carried out. The picture is neither published nor deleted.",
  didAgain: (name) => `Carried out the decision on ${name} again`,
  didLeave: (name) => `Kept ${name} unchanged`,
  pauseLead: `No picture is published or deleted until you resume. ${noLoss}`,
  resumeLead: "Queued decisions are carried out: pictures may be published or deleted.",
};

/** A decision that failed to be carried out: what it was about to do, as far as it is known. */
function failedDecision(status: string | null): HandlerWords {
  if (status === "approved")
    return {
      ...moderation,
      again: "Publish picture",
      againLead: "Carries out the approval again: the picture becomes public, if the settings say so.",
    };
  const doesWhat = status === "rejected" ? "Delete" : "Publish or delete";
  return {
    ...moderation,
    red: true,
    again: `${doesWhat} picture`,
    againMany: (count) => `${doesWhat} ${count} pictures`,
    againLead:
      "Carries out the decision again, if the settings say so: an approval publishes the picture, a rejection deletes it in Cloudinary with all derived assets. A deletion cannot be undone.",
  };
}

const other: HandlerWords = {
  part: "try the other handlers",
  again: "Try again",
  againMany: (count) => `Try ${count} again`,
  againLead: "Retries at once, oldest first.",
  leave: "Do not try again",
  leaveMany: (count) => `Do not try ${count} again`,
  leaveLead: "The delivery is not attempted again.",
  didAgain: (name) => `Retried ${name}`,
  didLeave: (name) => `Did not try ${name} again`,
  pauseLead: `Its deliveries stay queued until you resume. ${noLoss}`,
  resumeLead: "Queued deliveries are attempted, oldest first.",
};

const byHandler = new Map([
  ["email", email],
  ["chat", chat],
  ["pim", pim],
  ["moderation", moderation],
]);

/** The names of the actions on a handler's deliveries. `cause`: why they are held. `failed`: they failed, with the decision in question. */
export function handlerWords(
  handler: string | null,
  cause: string | null = null,
  failed?: { decision: string | null },
): HandlerWords {
  if (handler === "moderation" && failed !== undefined) return failedDecision(failed.decision);
  if (handler === "email" && cause === "outcome-unknown") return unknownEmail;
  if (handler?.includes(":")) return push;
  return byHandler.get(handler ?? "") ?? other;
}

/** The name of doing everything for a notification again: what each of its handlers does. */
export function againAll(handlers: readonly string[]): string {
  const [only] = handlers;
  if (handlers.length === 1 && only !== undefined) return handlerWords(only).again;
  const parts = [...new Set(handlers.map((handler) => handlerWords(handler).part))].join(", ");
  return parts === "" ? "Nothing to do again" : `${parts.charAt(0).toUpperCase()}${parts.slice(1)} again`;
}
