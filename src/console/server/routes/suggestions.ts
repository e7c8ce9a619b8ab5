import { Hono } from "hono";
import * as z from "zod";
import { type Joined, valid } from "../context.ts";
import { environments } from "../queries/environments.ts";
import { refreshSearch } from "../queries/search/refresh.ts";
import { suggest } from "../queries/search/suggest.ts";

const query = z.object({
  q: z.string().trim().max(200),
  /** Only of this kind, after `sku:`, `tag:` or `person:`. */
  kind: z.enum(["any", "sku", "tag", "person"]).default("any"),
});

/** Completions of a search, with pictures; and the clouds that can be searched for. */
export const suggestions = new Hono<Joined>().get("/suggestions", valid("query", query), async (c) => {
  const { q, kind } = c.req.valid("query");
  await refreshSearch(c.env.db);
  const [found, clouds] = await Promise.all([suggest(c.env.db, q, kind), environments(c.env)]);
  return c.json({ ...found, clouds });
});
