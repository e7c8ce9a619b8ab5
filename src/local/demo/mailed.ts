import { z } from "zod";
import { check, checkThat } from "./check.ts";
import { visit } from "./cloud.ts";
import { delivered } from "./delivered.ts";
import type { Stage } from "./flow.ts";
import type { Arrived } from "./receiver.ts";

const result = z.object({ accepted: z.array(z.string()) });
const mail = z.object({
  subject: z.string(),
  to: z.array(z.object({ email: z.string() })),
  html: z.string().nullable(),
  customArgs: z.record(z.string(), z.string()),
});
type Mail = z.infer<typeof mail>;

/** What a mail must show. */
type Picture = "picture" | "no-picture";

/** Checks that each recipient got exactly one mail about the notification, and reports it. */
export async function mailed(stage: Stage, record: Arrived, picture: Picture): Promise<void> {
  const email = delivered(record, "email", "done");
  const { accepted } = result.parse(email.result);
  const mails = (await mailbox(stage)).filter(({ customArgs }) => customArgs.delivery_id === email.id);
  const people = mails.flatMap(({ to }) => to.map((person) => person.email));
  checkThat(`people that have the mail about the ${record.type}`, people.length > 0, {
    expected: "at least one",
    seen: people,
  });
  const wanted = stage.recipients ?? [...new Set(people)];
  check(`people that have the mail about the ${record.type}`, {
    expected: wanted.toSorted(),
    seen: people.toSorted(),
  });
  check(`mails about the ${record.type}`, { expected: accepted.length, seen: mails.length });
  const name = record.publicId?.split("/").at(-1) ?? "";
  for (const one of mails) {
    // The subject names the product, or what people call the asset; the public id is among the facts.
    checkThat("text of the mail", (one.html ?? "").includes(name), {
      expected: `one that names ${name}`,
      seen: one.subject,
    });
    await checkPicture(one, picture);
  }
  const shows = { picture: ", with the picture", "no-picture": ", without a picture" }[picture];
  stage.done(`${people.length === 1 ? "1 mail" : `${people.length} mails`}${shows}`);
}

async function checkPicture({ html }: Mail, picture: Picture): Promise<void> {
  const [, src] = /<img[^>]+src="([^"]+)"/.exec(html ?? "") ?? [];
  if (picture === "no-picture") return check("picture in the mail", { expected: undefined, seen: src });
  const opened = await visit((src ?? "").replaceAll("&amp;", "&")).catch(() => null);
  check(`picture in the mail (${src})`, {
    expected: [200, "image/jpeg"],
    seen: opened && [opened.status, opened.type],
  });
}

async function mailbox({ cloud, signal }: Stage): Promise<Mail[]> {
  const response = await fetch(`${cloud.localUrl}/mailbox.json`, { signal });
  return z.object({ mails: z.array(mail) }).parse(await response.json()).mails;
}

/** The link to decide in a mail about this asset; null: there is none yet. */
export async function linkIn(stage: Stage, publicId: string): Promise<string | null> {
  for (const { html } of (await mailbox(stage)).toReversed()) {
    const link = /https?:\/\/[^"\s]+\/decide\/[\w.-]+/.exec(html ?? "")?.[0];
    if (link !== undefined && html?.includes(publicId)) return link;
  }
  return null;
}

/** Without a secret, an address of a link answers that links are off. */
export async function linksAreOn({ url, signal }: Stage): Promise<boolean> {
  return (await fetch(`${url}/decide/none`, { signal })).status !== 404;
}
