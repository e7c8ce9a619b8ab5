import type { Db } from "../../../../lib/database/pool.ts";
import { fold } from "../../../../lib/search/fold.ts";
import { smallPicture } from "../../thumbnail.ts";

/** What a started search may mean. */
export interface Suggestions {
  products: { sku: string; name: string | null; small: string | null; count: number }[];
  files: { name: string; small: string | null }[];
  tags: string[];
  people: string[];
}

export type SuggestedKind = "sku" | "tag" | "person" | "any";

const maxOfKind = 5;
const maxTexts = 200;

interface Text {
  key: string;
  labels: string[];
  name: string | null;
  picture: string | null;
}

/** Products, files, tags and people with this text in their name: of the newest notifications, and of those that the index finds. */
export async function suggest(db: Db, typed: string, kind: SuggestedKind): Promise<Suggestions> {
  const word = fold(typed).trim();
  if (word === "") return { products: [], files: [], tags: [], people: [] };
  const texts = await textsWith(db, word);
  const labels = (sign: string) =>
    texts.flatMap((text) =>
      text.labels.filter((label) => label.startsWith(sign)).map((label) => ({ label: label.slice(1), text })),
    );
  const wants = (wanted: SuggestedKind) => kind === "any" || kind === wanted;
  const says = (text: string | null) => text !== null && fold(text).includes(word);
  return {
    products: wants("sku")
      ? await productsOf(
          db,
          labels("$").filter(({ label, text }) => says(label) || (kind === "any" && says(text.name))),
        )
      : [],
    files: kind === "any" ? filesOf(labels('"').filter(({ label }) => says(label))) : [],
    tags: wants("tag")
      ? distinct(
          labels("#")
            .map(({ label }) => label)
            .filter(says),
        )
      : [],
    people: wants("person")
      ? distinct(
          labels("@")
            .map(({ label }) => label)
            .filter(says),
        )
      : [],
  };
}

async function textsWith(db: Db, word: string): Promise<Text[]> {
  const pattern = `%${word.replace(/[\\%_]/g, "\\$&")}%`;
  const columns = "s.key, s.labels, s.name, s.picture";
  const { rows } = await db.query<Text>(
    `with n as materialized (select id, asset_id from notifications order by received_at desc, id desc limit 500)
     select distinct on (s.key) ${columns}
     from (select distinct coalesce(asset_id, id::text) as key from n) k join search_texts s using (key)
     where s.text like $1 limit ${maxTexts}`,
    [pattern],
  );
  if (rows.length >= maxOfKind || !/[a-z0-9]{3}/.test(word)) return rows;
  const indexed = await db.query<Text>(
    `select ${columns} from search_texts s
     where s.text like $1 and to_regclass('search_texts_text') is not null limit ${maxTexts}`,
    [pattern],
  );
  return [...new Map([...rows, ...indexed.rows].map((text) => [text.key, text])).values()];
}

interface Label {
  label: string;
  text: Text;
}

async function productsOf(db: Db, found: readonly Label[]): Promise<Suggestions["products"]> {
  const bySku = [...Map.groupBy(found, ({ label }) => label)].slice(0, maxOfKind);
  if (bySku.length === 0) return [];
  const { rows } = await db.query<{ sku: string; count: number }>(
    `select w.sku, (select count(*)::int from (
        select from notifications n where n.asset_id in (select jsonb_array_elements_text(w.keys)) limit 1000) c) as count
     from jsonb_to_recordset($1::jsonb) as w (sku text, keys jsonb)`,
    [JSON.stringify(bySku.map(([sku, labels]) => ({ sku, keys: labels.map(({ text }) => text.key) })))],
  );
  const counts = new Map(rows.map(({ sku, count }) => [sku, count]));
  return bySku.map(([sku, labels]) => {
    const shown = labels.find(({ text }) => text.picture !== null) ?? labels[0];
    return {
      sku,
      name: labels.find(({ text }) => text.name !== null)?.text.name ?? null,
      small: smallOf(shown?.text.picture ?? null),
      count: counts.get(sku) ?? 0,
    };
  });
}

function filesOf(found: readonly Label[]): Suggestions["files"] {
  const byName = new Map(found.map(({ label, text }) => [label, text.picture]));
  return [...byName].slice(0, maxOfKind).map(([name, picture]) => ({ name, small: smallOf(picture) }));
}

const smallOf = (picture: string | null) => (picture === null ? null : smallPicture(picture));
const distinct = (values: readonly string[]) => [...new Set(values)].slice(0, maxOfKind);
