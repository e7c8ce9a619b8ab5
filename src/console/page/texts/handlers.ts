/** Names of the actions on deliveries, by handler. */
export interface HandlerWords {
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
}

const noLoss = "Nothing is lost.";

const email: HandlerWords = {
  again: "Send again",
  againMany: (count) => `Send ${count} again`,
  againLead: "Sends the e-mail to every recipient who does not have it yet.",
  leave: "Do not send",
  leaveMany: (count) => `Do not send ${count}`,
  leaveLead: "No e-mail is sent for this notification.",
  didAgain: (name) => `Sent the e-mail about ${name} again`,
  didLeave: (name) => `Discarded the e-mail about ${name}`,
  pauseLead: `No e-mail is sent until you resume. ${noLoss}`,
  resumeLead: "Queued e-mails are sent, oldest first.",
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
  again: "Carry out again",
  againMany: (count) => `Carry out ${count} again`,
  againLead:
    "Carries out the decision according to the settings: an approval may publish the picture, a rejection may delete it.",
  leave: "Keep picture unchanged",
  leaveMany: (count) => `Keep ${count} pictures unchanged`,
  leaveLead: "The decision is not carried out. The picture is neither published nor deleted.",
  didAgain: (name) => `Carried out the decision on ${name} again`,
  didLeave: (name) => `Kept ${name} unchanged`,
  pauseLead: `No picture is published or deleted until you resume. ${noLoss}`,
  resumeLead: "Queued decisions are carried out: pictures may be published or deleted.",
};

const other: HandlerWords = {
  again: "Try again",
  againMany: (count) => `Try ${count} again`,
  againLead: "Retries at once, oldest first.",
  leave: "Discard",
  leaveMany: (count) => `Discard ${count}`,
  leaveLead: "The delivery is not attempted again.",
  didAgain: (name) => `Retried ${name}`,
  didLeave: (name) => `Discarded ${name}`,
  pauseLead: `Its deliveries stay queued until you resume. ${noLoss}`,
  resumeLead: "Queued deliveries are attempted, oldest first.",
};

const byHandler = new Map([
  ["email", email],
  ["pim", pim],
  ["moderation", moderation],
]);

/** The names of the actions on a handler's deliveries. `cause`: why they are held. */
export function handlerWords(handler: string | null, cause: string | null = null): HandlerWords {
  if (handler === "email" && cause === "outcome-unknown") return unknownEmail;
  if (handler?.includes(":")) return push;
  return byHandler.get(handler ?? "") ?? other;
}
