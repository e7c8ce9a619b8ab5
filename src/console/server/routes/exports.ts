import { type Context, Hono } from "hono";
import * as z from "zod";
import { listProducts, listUnmapped } from "../../../handlers/pim/products.ts";
import { type Joined, valid } from "../context.ts";
import { cardsOf } from "../queries/board.ts";
import {
  type ExportedList,
  type ExportFormat,
  exported,
  exportFormats,
  exportHeaders,
} from "../queries/export.ts";
import { peopleFilters, peoplePage } from "../queries/faces.ts";
import { type Filters, filters } from "../queries/filters.ts";
import { summaries } from "../queries/list.ts";
import { mailConditions, mailFilters } from "../queries/mail-filters.ts";
import { factContext } from "../queries/releases.ts";
import { compile } from "../queries/search/compile.ts";
import { refreshSearch } from "../queries/search/refresh.ts";
import { resolved } from "../queries/search/resolve.ts";
import { listStuck, shownFilters } from "./attention.ts";
import { actFilters, newestActs } from "./audit-log.ts";
import { listMails } from "./mails.ts";
import { unmappedFilter } from "./products.ts";
import { refusalFilters, refusalsByReason } from "./refusals.ts";

const pageSize = 200;
const format = z.enum(exportFormats).default("json");
const search = z.object({ format, search: z.string().max(200).optional() });
const board = z.object({
  format,
  show: z.enum(["pending", "decided", "held"]),
  folder: z.string().min(1).max(500).optional(),
  kind: z.string().min(1).max(100).optional(),
  cloud: z.string().min(1).max(500).optional(),
  order: z.enum(["oldest", "newest"]).default("oldest"),
});

/** Each list of the console as a file, with the filters of its view. */
export const exports = new Hono<Joined>()
  .get("/notifications/export", valid("query", z.object({ ...filters, format })), notificationsFile)
  .get("/exports/notifications", valid("query", z.object({ ...filters, format })), notificationsFile)
  .get("/exports/attention", valid("query", z.object({ ...shownFilters, format })), (c) => {
    const { format, ...wanted } = c.req.valid("query");
    const page: ExportedList["page"] = async (before) => {
      const options = { limit: pageSize + 1, offset: 0, before: before ?? undefined };
      const found = await listStuck(c.env.db, wanted, options);
      const rows = found.slice(0, pageSize);
      const last = rows.at(-1);
      return {
        rows: rows.map(({ cursor: _, thumbnails: __, ...row }) => row),
        next: found.length > pageSize && last ? last.cursor : null,
      };
    };
    return file(c, { name: "attention", filters: wanted, page }, format);
  })
  .get("/exports/products", valid("query", search), (c) => {
    const { format, search: text } = c.req.valid("query");
    return file(
      c,
      byCursor("products", text, (request) => listProducts(c.env.db, request)),
      format,
    );
  })
  .get("/exports/unmapped", valid("query", search.extend(unmappedFilter)), (c) => {
    const { format, search: text, reason } = c.req.valid("query");
    const list = byCursor("unmapped", text, (request) => listUnmapped(c.env.db, { ...request, reason }));
    return file(c, { ...list, filters: { ...list.filters, reason } }, format);
  })
  .get("/exports/messages", valid("query", z.object({ ...mailFilters, format })), async (c) => {
    const { format, ...wanted } = c.req.valid("query");
    // Before anything is sent, so that a search that is not valid is an error.
    await mailConditions(c.env.db, wanted);
    const page: ExportedList["page"] = async (before) => {
      const request = { ...wanted, limit: pageSize, before: before ?? undefined };
      const { mails, next } = await listMails(c.env.db, request);
      return { rows: mails.map(({ cursor: _, ...mail }) => mail), next };
    };
    return file(c, { name: "messages", filters: wanted, page }, format);
  })
  .get("/exports/log", valid("query", z.object({ ...actFilters, format })), (c) => {
    const { format, ...wanted } = c.req.valid("query");
    const page: ExportedList["page"] = async (after) => {
      const before = after === null ? undefined : Number(after);
      const { acts, next } = await newestActs(c.env.db, { ...wanted, before, limit: pageSize });
      return { rows: acts, next: next === null ? null : String(next) };
    };
    return file(c, { name: "log", filters: wanted, page }, format);
  })
  .get("/exports/refusals", valid("query", z.object({ ...refusalFilters, format })), (c) => {
    const { format, ...wanted } = c.req.valid("query");
    const page = async () => ({ rows: await refusalsByReason(c.env.db, wanted), next: null });
    return file(c, { name: "refusals", filters: wanted, page }, format);
  })
  .get("/exports/people", valid("query", z.object({ ...peopleFilters, format })), (c) => {
    const { format, ...wanted } = c.req.valid("query");
    const page: ExportedList["page"] = async (after) => {
      const { people, next } = await peoplePage(c.env.db, {
        ...wanted,
        after: after ?? undefined,
        limit: pageSize,
        countUpTo: null,
      });
      return { rows: people, next };
    };
    return file(c, { name: "people", filters: wanted, page }, format);
  })
  .get("/exports/moderation", valid("query", board), (c) => {
    const { format, ...wanted } = c.req.valid("query");
    const page = async () => {
      const { folder = null, kind = null, cloud = null } = wanted;
      const listed = { ...wanted, folder, kind, cloud, limit: 600 };
      return { rows: await cardsOf(c.env.db, listed, await factContext(c)), next: null };
    };
    return file(c, { name: "moderation", filters: wanted, page }, format);
  });

type NotificationsContext = Context<
  Joined,
  string,
  { in: { query: object }; out: { query: Filters & { format: ExportFormat } } }
>;

async function notificationsFile(c: NotificationsContext) {
  const { format, ...wanted } = c.req.valid("query");
  // Before anything is sent, so that a search that is not valid is an error.
  await resolved(c.env.db, compile(wanted));
  if (wanted.q !== undefined) await refreshSearch(c.env.db);
  const page: ExportedList["page"] = async (after) => {
    const { rows, next } = await summaries(c.env.db, {
      ...wanted,
      before: after ?? undefined,
      limit: pageSize,
    });
    return { rows: rows.map(({ cursor: _, ...row }) => row), next };
  };
  return file(c, { name: "notifications", filters: wanted, page }, format);
}

function file(c: Context<Joined>, list: ExportedList, format: ExportFormat) {
  return c.body(exported(list, format, c.env.config), 200, exportHeaders(list.name, format));
}

interface Request {
  search?: string;
  after: string | null;
  limit: number;
}

function byCursor(
  name: string,
  search: string | undefined,
  list: (request: Request) => Promise<{ items: object[]; next: string | null }>,
): ExportedList {
  return {
    name,
    filters: search === undefined ? {} : { search },
    async page(after) {
      const { items, next } = await list({ ...(search !== undefined && { search }), after, limit: pageSize });
      return { rows: items, next };
    },
  };
}
