/** What is done with deliveries, by what their handler does. `{n}` is how many there are. */
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
  againLead: "The e-mail is sent to everybody who does not have it yet.",
  leave: "Leave unsent",
  leaveMany: (count) => `Leave ${count} unsent`,
  leaveLead: "No e-mail is sent about this.",
  didAgain: (name) => `Sent the e-mail about ${name} again`,
  didLeave: (name) => `Left the e-mail about ${name} unsent`,
  pauseLead: `No e-mail is sent until you resume. ${noLoss}`,
  resumeLead: "The e-mails that waited are sent, oldest first.",
};

/** An e-mail of which nobody knows whether it went out. */
const unknownEmail: HandlerWords = {
  ...email,
  againLead: "Whoever has it already gets it twice.",
  leave: "Mark as sent",
  leaveMany: (count) => `Mark ${count} as sent`,
  leaveLead: "It counts as sent. Nothing is sent.",
  didLeave: (name) => `Marked the e-mail about ${name} as sent`,
};

const pim: HandlerWords = {
  again: "Update products again",
  againMany: (count) => `Apply ${count} again`,
  againLead: "Products take over what the notification says, unless something newer is there.",
  leave: "Leave products as they are",
  leaveMany: (count) => `Leave ${count} unapplied`,
  leaveLead: "Products stay as they are.",
  didAgain: (name) => `Updated the product of ${name} again`,
  didLeave: (name) => `Left the product of ${name} as it was`,
  pauseLead: `Products do not change until you resume. ${noLoss}`,
  resumeLead: "Products take over what waited, oldest first.",
};

const push: HandlerWords = {
  again: "Push again",
  againMany: (count) => `Push ${count} again`,
  againLead: "The newest state of the product is pushed to the other system.",
  leave: "Do not push",
  leaveMany: (count) => `Do not push ${count}`,
  leaveLead: "The other system keeps what it has.",
  didAgain: (name) => `Pushed the product of ${name} again`,
  didLeave: (name) => `Did not push the product of ${name}`,
  pauseLead: `Nothing is pushed to the other system until you resume. ${noLoss}`,
  resumeLead: "The newest state of each product is pushed.",
};

const moderation: HandlerWords = {
  again: "Carry out again",
  againMany: (count) => `Carry out ${count} again`,
  againLead:
    "The decision is carried out as the settings say: an approval may publish the picture, a rejection may delete it.",
  leave: "Leave picture as it is",
  leaveMany: (count) => `Leave ${count} pictures as they are`,
  leaveLead: "The decision is not carried out. The picture is neither published nor deleted.",
  didAgain: (name) => `Had the decision on ${name} carried out again`,
  didLeave: (name) => `Left ${name} as it was`,
  pauseLead: `No picture is published or deleted until you resume. ${noLoss}`,
  resumeLead: "Decisions that waited are carried out: pictures may be published or deleted.",
};

const other: HandlerWords = {
  again: "Try again",
  againMany: (count) => `Try ${count} again`,
  againLead: "It is tried at once, oldest first.",
  leave: "Give up",
  leaveMany: (count) => `Give ${count} up`,
  leaveLead: "Nothing more is done about it.",
  didAgain: (name) => `Had ${name} tried again`,
  didLeave: (name) => `Gave up on ${name}`,
  pauseLead: `Its deliveries wait until you resume. ${noLoss}`,
  resumeLead: "What waited is done, oldest first.",
};

const byHandler = new Map([
  ["email", email],
  ["pim", pim],
  ["moderation", moderation],
]);

/** How the acts on a handler's deliveries are called. `cause`: why they are held. */
export function handlerWords(handler: string | null, cause: string | null = null): HandlerWords {
  if (handler === "email" && cause === "outcome-unknown") return unknownEmail;
  if (handler?.includes(":")) return push;
  return byHandler.get(handler ?? "") ?? other;
}
