import * as z from "zod";
import { instantOf, maxQueryLength } from "../../shared/search-query.ts";

/** A time as in the search: a date, an ISO time, or how long ago, such as `24h`. */
const time = z
  .string()
  .trim()
  .max(40)
  .transform((text, context) => {
    const at = instantOf(text, new Date());
    if (at !== null) return at.toISOString();
    context.addIssue("is not a time, such as 24h, 7d or 2026-01-31");
    return z.NEVER;
  });

/** Filters that several lists have. */
export const span = { since: time.optional(), until: time.optional() };
export const searched = z.string().trim().max(maxQueryLength).optional();
export const named = z.string().trim().min(1).max(500).optional();

/** An `ilike` pattern that finds the text anywhere. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;
