import { type Portrait, pictureOf, portraitOf } from "../../rekognition/portrait.ts";
import { check, checkThat, until } from "../check.ts";
import { dataUri } from "../cloud.ts";
import { delivered } from "../delivered.ts";
import type { Flow, Stage } from "../flow.ts";

/** Drawn people; nobody real. Their names are the same in every run, so that a run finds them trained or trains them. */
const team = ["Ada Okafor", "Jörg Müller", "山田 花子"] as const;
const [ada, joerg, hanako] = team;
const stranger = "A stranger";

interface GroupPicture {
  name: string;
  people: readonly (string | Partial<Portrait>)[];
  /** Who is recognised. */
  named: readonly string[];
}

const groups: readonly GroupPicture[] = [
  { name: "all", people: team, named: team },
  { name: "two", people: [ada, joerg], named: [ada, joerg] },
  { name: "with-a-stranger", people: [hanako, stranger, ada], named: [hanako, ada] },
  { name: "one-too-small", people: [joerg, { person: hanako, width: 28 }], named: [joerg] },
  { name: "alone", people: [hanako], named: [hanako] },
];

export const faces: Flow = {
  id: "F12",
  title: "Face recognition",
  async play(stage) {
    const { receiver, signal } = stage;
    stage.tidyBy(() => Promise.all(team.map((name) => receiver.forgetPerson(name))));
    const trained = await Promise.all(
      team.map(async (name, at) =>
        upload(stage, await portraitOf(name), {
          name: `team-${at + 1}`,
          asset_folder: "training/demo",
          tags: [`faceLabel:${name}`],
        }),
      ),
    );
    stage.sent(`${team.length} training pictures`);
    for (const publicId of trained) {
      const arrived = await stage.arrival({ type: "upload", publicId });
      delivered(arrived, "faces", "done");
      delivered(arrived, "faces:rekognition", "done");
    }
    const people = await receiver.people();
    for (const name of team)
      checkThat(`training pictures of ${name}`, (people.get(name) ?? 0) > 0, {
        expected: "at least one",
        seen: people.get(name),
      });
    stage.done(`${team.length} people are known`);

    const pictures = await Promise.all(
      groups.map(async ({ name, people: shown, named }) => ({
        named,
        publicId: await upload(stage, await drawn(shown), { name, asset_folder: "assets/demo", tags: [] }),
      })),
    );
    stage.sent(`${groups.length} group pictures`);
    for (const { publicId, named } of pictures) {
      const arrived = await stage.arrival({ type: "upload", publicId });
      delivered(arrived, "faces:rekognition", "done");
      const tags = await until(`the tags of ${publicId}`, {
        read: () => tagsOf(stage, publicId),
        holds: (seen) => seen.length === named.length,
        expected: `${named.length} people`,
        signal,
      });
      check(`the people in ${publicId}`, {
        expected: named.map((name) => `person:${name}`).sort(),
        seen: tags.toSorted(),
      });
    }
    stage.done("their names are tags");
    await checkOnce(stage, pictures[0]?.publicId ?? "");
    stage.done("the handler's own tags started nothing");
  },
};

async function upload(
  { cloud, name, url }: Stage,
  bytes: Buffer,
  options: { name: string; asset_folder: string; tags: string[] },
): Promise<string> {
  const publicId = name(options.name);
  await cloud.uploader.upload(dataUri(bytes), {
    public_id: publicId,
    asset_folder: options.asset_folder,
    tags: options.tags,
    notification_url: `${url}/webhooks/upload`,
  });
  return publicId;
}

function drawn(people: GroupPicture["people"]): Promise<Buffer> {
  const portraits = people.map((who, at) => ({
    person: "",
    left: 70 + at * 230,
    top: 70 + (at % 2) * 40,
    width: 110,
    ...(typeof who === "string" ? { person: who } : who),
  }));
  return pictureOf(portraits, { width: 140 + people.length * 230, height: 380 });
}

async function tagsOf({ cloud }: Stage, publicId: string): Promise<string[]> {
  const { tags = [] } = await cloud.api.resource(publicId, { tags: true });
  return tags;
}

/** The notification about the tags that the handler added is recorded, and causes no work. */
async function checkOnce(stage: Stage, publicId: string): Promise<void> {
  const { asset_id: assetId } = await stage.cloud.api.resource(publicId);
  const changed = await stage.arrival({ type: "resource_tags_changed", assetId });
  check("deliveries because of the handler's own tags", {
    expected: [["faces", "skipped"]],
    seen: changed.deliveries
      .filter(({ handler }) => handler.startsWith("faces"))
      .map(({ handler, state }) => [handler, state]),
  });
}
