/** The Moderation view. Every act is called by what follows from it. */

const counted = (count: number, one: string, many: string) => (count === 1 ? `1 ${one}` : `${count} ${many}`);
const are = (count: number) => (count === 1 ? "is" : "are");

/** How an effect is named: on a button for one and for several, in a mixed choice, as what will follow, and when it was done. */
interface EffectWords {
  one: (noun: string) => string;
  many: (count: number, nouns: string) => string;
  follows: (count: number) => string;
  done: (name: string) => string;
}

export const effectTexts = {
  publish: {
    one: (noun) => `Publish ${noun}`,
    many: (count, nouns) => `Publish ${count} ${nouns}`,
    follows: (count) => `${count} ${are(count)} published`,
    done: (name) => `Publishing ${name}.`,
  },
  delete: {
    one: (noun) => `Delete ${noun}`,
    many: (count, nouns) => `Delete ${count} ${nouns}`,
    follows: (count) => `${count} ${are(count)} deleted`,
    done: (name) => `Deleting ${name}.`,
  },
  approve: {
    one: (noun) => `Approve ${noun}`,
    many: (count, nouns) => `Approve ${count} ${nouns}`,
    follows: (count) => `${count} ${are(count)} approved and ${count === 1 ? "stays" : "stay"} hidden`,
    done: (name) => `Approved ${name}.`,
  },
  "keep-public": {
    one: () => "Keep public",
    many: (count) => `Keep ${count} public`,
    follows: (count) => `${count} ${count === 1 ? "stays" : "stay"} public`,
    done: (name) => `${name} stays public.`,
  },
  reject: {
    one: (noun) => `Reject ${noun}`,
    many: (count, nouns) => `Reject ${count} ${nouns}`,
    follows: (count) => `${count} ${are(count)} rejected`,
    done: (name) => `Rejected ${name}.`,
  },
  hide: {
    one: () => "Keep hidden",
    many: (count) => `Keep ${count} hidden`,
    follows: (count) => `${count} ${count === 1 ? "stays" : "stay"} hidden`,
    done: (name) => `${name} stays hidden.`,
  },
  keep: {
    one: (noun) => `Keep ${noun}`,
    many: (count, nouns) => `Keep ${count} ${nouns}`,
    follows: (count) => `${count} ${are(count)} kept`,
    done: (name) => `${name} is kept.`,
  },
  check: {
    one: () => "Check again",
    many: (count) => `Check ${count} again`,
    follows: (count) => `${count} ${are(count)} checked again`,
    done: (name) => `Checking ${name} again.`,
  },
} as const satisfies Record<string, EffectWords>;

export const moderationTexts = {
  board: {
    tabs: { pending: "To decide", held: "Held for you", decided: "Decided" },
    empty: {
      pending: "Nothing waits for a decision.",
      decided: "No decision was recorded yet.",
      held: "Nothing is held for you.",
    },
    emptyHint: 'Pictures appear here when they are uploaded with a moderation, such as moderation: "manual".',
    more: (max: number) => `The first ${max} are shown. Decide some to see the others.`,
    folder: "Folder",
    anyFolder: "Any folder",
    order: "Order",
    orders: { oldest: "Oldest first", newest: "Newest first" },
    position: (at: number, all: string) => `${at} of ${all}`,
    choose: (name: string) => `Choose ${name}`,
    chooseThis: "Choose it, to decide several at once",
    chosen: (count: number) => `${count} chosen`,
    all: (text: string) => `All ${text}`,
    clear: "Clear",
    look: (name: string) => `Look at ${name}`,
    enlarge: "Enlarge",
    reason: "Reason",
    reasonRun: "Kept in the audit log. It serves until you leave this view.",
    optional: "Reason (optional)",
    cap: (left: number, max: number) => `${left} of ${max} deletions left this hour`,
    capReached: (max: number) =>
      `All ${max} deletions of this hour are used. Further rejections are held for you.`,
    restricted: "Not public",
    public: "Public",
    noPicture: {
      "not-a-picture": "This file has no picture.",
      restricted: "Not public. Operators can look at it.",
      "no-account": "Not public. Set CLOUDINARY_URL to look at it here.",
      "other-cloud": "Not public, and in another cloud than CLOUDINARY_URL: look at it in Cloudinary.",
      "not-recorded": "No upload of this version was recorded, so its address is unknown.",
    },
    failedPicture: "The picture could not be loaded. It may have been deleted or replaced.",
    lookOnly: "You can look. Operators act.",
    kind: {
      manual: "Manual moderation",
      google_video_moderation: "Google AI video moderation",
      aws_rek: "Amazon Rekognition",
      aws_rek_video: "Amazon Rekognition, video",
      webpurify: "WebPurify",
      perception_point: "Perception Point",
      duplicate: "Duplicate detection",
      summary: "All moderations together",
      moderation: "Moderation",
    } as Readonly<Record<string, string>>,
    status: {
      pending: "waits for a decision",
      queued: "waits for another moderation",
      approved: "approved",
      rejected: "rejected",
      "taken-back": "taken back, to decide again",
      aborted: "ended without a decision",
      overridden: "overridden in Cloudinary",
      unknown: "not known",
    } as Readonly<Record<string, string>>,
    /** What was carried out, and what was chosen without being carried out. */
    outcome: {
      publish: "Published",
      delete: "Deleted",
      review: "A person was asked",
    } as Readonly<Record<string, string>>,
    planned: {
      none: "Nothing followed.",
      hold: "Held for a person.",
      publish: "It is being published.",
      delete: "It is being deleted.",
      review: "A person is being asked.",
      "would-publish": "Dry run: it would be published.",
      "would-delete": "Dry run: it would be deleted.",
    } as Readonly<Record<string, string>>,
    why: {
      removed: "Its background was removed. The settings ask for a person before it is shown.",
      manual: "It was uploaded to be looked at by a person.",
      other: (kind: string) => `${kind} has not decided.`,
      flagged: (kind: string) => `${kind} asks for a person.`,
      takenBack: "Its decision was taken back.",
    },
    open: "Notification",
    sent: "Done here. It stays until Cloudinary confirms it.",
    sentShort: "waits for Cloudinary",
    playToSee: "A video that is not public. Look at it beside the list.",
    others: (count: number) => `and ${count} more`,
    /** What an act does, below its button. */
    sentence: {
      publish: (as: string) => `Anybody can see it, as ${as}.`,
      publishNow: "Anybody can see it.",
      delete: "Cloudinary deletes it with all its formats. This cannot be undone.",
      deleteLater: (wait: string) =>
        `Cloudinary deletes it with all its formats, in ${wait}, unless it is approved before.`,
      approve: {
        hold: "Cloudinary is told. It stays hidden and is held for you.",
        notify: "Cloudinary is told and an e-mail is sent. It stays hidden.",
        nothing: "Cloudinary is told. It stays hidden.",
      },
      keepPublic: {
        hold: "Cloudinary is told. It is public already, and is held for you.",
        notify: "Cloudinary is told and an e-mail is sent. It is public already.",
        nothing: "Cloudinary is told. It is public already.",
      },
      reject: {
        hold: "Rejected at Cloudinary, held for you. Nothing is deleted.",
        notify: "Rejected at Cloudinary, and an e-mail is sent. Nothing is deleted.",
        nothing: "Rejected at Cloudinary. Nothing is deleted.",
      },
      hide: "Nothing more is done. It stays hidden and is not deleted.",
      keep: "Nothing more is done. It stays as it is.",
      check: "The receiver looks again whether the decision can be carried out.",
    },
    dialog: {
      lead: (follows: string) => `${follows}.`,
      irreversible: "This cannot be undone.",
      overrides: "This overrides a decision or a rule that stopped it.",
      cap: (left: number, max: number) => `${left} of ${max} deletions are left this hour.`,
      beyond: (count: number) =>
        `${counted(count, "deletion is", "deletions are")} beyond the limit and will be held for you.`,
    },
    progress: (done: number, all: number) => `${done} of ${all}`,
    several: (count: number) => `${count} decided.`,
    partly: (done: number, all: number, why: string) => `${done} of ${all} decided. ${why}`,
    problems: {
      gone: "The asset is not there any more.",
      replaced: "The asset was replaced since this card was shown. Look at the new version.",
      "not-pending": "Somebody was faster: it is decided already.",
      "not-replayable": "Somebody was faster: it is not held any more.",
      "not-held-or-dead": "Somebody was faster: it is not held any more.",
      "no-account": "There is no Cloudinary account (CLOUDINARY_URL).",
      "cloudinary-failed": "Cloudinary did not answer as it should. Nothing is known to have changed.",
      "viewers-only-read": "You can look. Operators act.",
    } as Readonly<Record<string, string>>,
    keys: {
      move: "move",
      choose: "choose",
      enlarge: "enlarge",
    },
    nouns: {
      image: ["picture", "pictures"],
      video: ["video", "videos"],
      raw: ["file", "files"],
    } as Readonly<Record<string, readonly [string, string]>>,
  },
  close: "Close",
};
