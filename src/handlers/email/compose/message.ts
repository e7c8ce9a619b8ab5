import type { PictureRequest } from "./picture.ts";

/** The content of a mail, before it is rendered as HTML or text. Its strings are untrusted; rendering sanitizes them. */
export interface Message {
  tone: "good" | "attention" | "bad" | "plain";
  /** The kind of event, in a few words. */
  label: string;
  /** What happened to which asset. Also the subject, unless the settings define one. */
  headline: string;
  /** One or two sentences with the most important information. */
  lead: string;
  /** null when no picture may be shown. */
  picture: PictureRequest | null;
  failed: { name: string; reason: string }[];
  ready: { title: string; items: MailFile[] } | null;
  facts: Fact[];
}

/** A link to a file. */
export interface MailFile {
  name: string;
  detail: string;
  url: string;
}

export interface Fact {
  label: string;
  /** An instant is shown in the time zone of the settings. */
  value: string | Date;
}
