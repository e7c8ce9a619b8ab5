import type { PictureRequest } from "./picture.ts";

/** What a mail tells, before it is HTML or text. Its texts may hold anything; they become harmless where they are shown. */
export interface Message {
  tone: "good" | "attention" | "bad" | "plain";
  /** What kind of news it is, in a few words. */
  label: string;
  /** What happened to what; the subject too, where settings name none. */
  headline: string;
  /** One or two sentences for somebody who reads no further. */
  lead: string;
  /** What may be seen of it; null: nothing should be. */
  picture: PictureRequest | null;
  failed: { name: string; reason: string }[];
  ready: { title: string; items: MailFile[] } | null;
  facts: Fact[];
}

/** Something to open. */
export interface MailFile {
  name: string;
  detail: string;
  url: string;
}

export interface Fact {
  label: string;
  value: string;
}
