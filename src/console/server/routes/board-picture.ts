import { Hono } from "hono";
import * as z from "zod";
import { accountOfAsset } from "../../../lib/cloudinary/accounts.ts";
import { stop } from "../api-error.ts";
import { type Joined, operatorsOnly, valid } from "../context.ts";
import { signPicture } from "../signed-picture.ts";

const query = z.object({
  assetId: z.string().min(1).max(500),
  version: z.coerce.number().int().nonnegative(),
});

/** Redirects an operator's browser to a restricted picture, with a URL that is created for this request and valid for a minute. */
export const boardPicture = new Hono<Joined>().get(
  "/moderation/picture",
  operatorsOnly,
  valid("query", query),
  async (c) => {
    const version = c.req.valid("query");
    const account = accountOfAsset(c.env.config, version.assetId);
    if (account === null) stop(409, "no-account");
    const signed = await signPicture(c.env.db, account, version);
    if ("reason" in signed) stop(signed.reason === "other-cloud" ? 409 : 404, signed.reason);
    c.header("cache-control", "no-store");
    return c.redirect(signed.url, 302);
  },
);
