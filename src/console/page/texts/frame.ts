const nothingThere =
  "There is nothing at this address: it was not copied whole, or what it named is no longer kept.";

/** What stands on every view, and the door. */
export const frameTexts = {
  product: "cloudinary-webhooks",
  skip: "Skip to the content",
  pages: {
    inbox: "Inbox",
    board: "Moderation",
    products: "Products",
    mails: "Mails",
    held: "Held for you",
    dead: "Failed",
    refusals: "Refusals",
    health: "Health",
    acts: "Audit log",
    notFound: "There is no such page.",
  },
  menu: "Menu",
  upload: "Upload Widget page",
  scheme: { light: "Light", dark: "Dark", auto: "Auto" },
  schemeLabel: "Colours",
  keysOn: "Single-key shortcuts",
  signIn: {
    title: "Sign in",
    lead: "The console shows every notification and what became of it.",
    token: "Operator token",
    tokenHint: "The value of OPERATOR_TOKEN, or of your own entry in it.",
    go: "Sign in",
    wrong: "This is not an operator token that the receiver has.",
    tooMany: "Too many tries. Wait a minute.",
    show: "Show the token",
    out: "Sign out",
    as: "Signed in as",
    viewer: "viewer, read only",
  },
  closed: {
    title: "The console is closed",
    closed:
      "Set OPERATOR_TOKEN for the site's functions (a random token of at least 32 characters, or several entries name:token) and deploy again.",
    preview:
      "Deploy previews have no database of their own (settings: previewDatabaseVariable), so that they show nothing.",
    "not-configured":
      "The receiver is not configured. The function's log names each variable that is missing or malformed.",
  },
  loading: "Loading…",
  again: "Try again",
  failed: "This could not be read.",
  problems: {
    database:
      "The database did not answer. What arrives meanwhile is refused with 503, and Cloudinary tries again.",
    "no-such-notification": nothingThere,
    "no-such-mail": nothingThere,
    "no-such-id": nothingThere,
    // `netlify dev` asks for a 404 again as `.html` and so on, and shows the last answer (test/dev.test.ts).
    "no-such-page": nothingThere,
    "viewers-only-read": "Your token only reads. Ask an operator to do this.",
    "too-many-wrong-tokens": "Too many wrong tokens came from this address. Wait a minute.",
    "nothing-recorded": "Nothing is recorded under this identifier any more.",
    "not-reached": "The site did not answer. Is this machine online?",
  } as Readonly<Record<string, string>>,
  notShown: "not shown",
  any: "Any",
  older: "Older",
  newest: "Newest",
  first: "First",
  more: "More",
  none: "None",
  now: "now",
  unknown: "unknown",
  reasons: "Reason",
  reasonHint: "Kept in the audit log with your name.",
  cancel: "Cancel",
  copy: "Copy",
  copied: "Copied",
};
