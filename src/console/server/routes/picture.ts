import { Hono } from "hono";
import * as z from "zod";
import { stop } from "../api-error.ts";
import { type Joined, valid } from "../context.ts";
import { isPicture } from "../masked-answers.ts";
import { sealOf } from "../seal.ts";

/** Redirects to a picture whose URL is hidden, because it contains an e-mail address. */
export const picture = new Hono<Joined>().get(
  "/picture",
  valid("query", z.object({ of: z.string().max(10_000) })),
  (c) => {
    const { config } = c.env;
    const url = sealOf(config).open(c.req.valid("query").of);
    if (url === null || !URL.canParse(url) || !isPicture(new URL(url), config)) stop(404, "no-such-id");
    c.header("referrer-policy", "no-referrer");
    return c.redirect(url, 302);
  },
);
