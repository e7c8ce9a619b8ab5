import { type Context, Hono } from "hono";
import * as z from "zod";
import { forgettingOf, requestForgetting } from "../../../handlers/faces/forget.ts";
import { requestRerun } from "../../../handlers/faces/rerun.ts";
import { settings } from "../../../settings.ts";
import { countedPictures } from "../../shared/count-text.ts";
import { stop } from "../api-error.ts";
import { idParam, type Joined, reason, valid } from "../context.ts";
import {
  facesOfAsset,
  nameOf,
  openRemovals,
  peopleFilters,
  peoplePage,
  rejectedTrainings,
  unclearPictures,
} from "../queries/faces.ts";
import { noteAct, noteOutcome } from "../queries/note-act.ts";

const peopleQuery = z.object({
  ...peopleFilters,
  after: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(500),
});

const rerun = z.object({
  /** 0 only counts. */
  limit: z.int().min(0).max(100_000),
  reason: reason.optional(),
});

const forgetting = z
  .object({ name: z.string().min(1).max(500).optional(), personId: z.uuid().optional(), reason })
  .refine(
    ({ name, personId }) => (name === undefined) !== (personId === undefined),
    "exactly one of name and personId is required",
  );

/** false: nothing is removed at Rekognition and Cloudinary until the handler is on again. */
const isOn = ({ env: { config } }: Context<Joined>): boolean => config.faces !== null;

/** What the handler `faces` knows: people, their training pictures, and the faces in pictures. */
export const faces = new Hono<Joined>()
  .get("/faces", valid("query", peopleQuery), async (c) => {
    const { db } = c.env;
    const [known, rejected, unclear, open] = await Promise.all([
      peoplePage(db, { ...c.req.valid("query"), countUpTo: countedPictures }),
      rejectedTrainings(db),
      unclearPictures(db),
      openRemovals(db),
    ]);
    return c.json({ on: isOn(c), ...known, rejected, unclear, ...open });
  })
  .get("/faces/asset", valid("query", z.object({ assetId: z.string().min(1).max(500) })), async (c) =>
    c.json(await facesOfAsset(c.env.db, c.req.valid("query").assetId)),
  )
  .post("/faces/rerun", valid("json", rerun), async (c) => {
    if (!isOn(c)) stop(409, "faces-off");
    const { limit, reason: why } = c.req.valid("json");
    if (limit > 0)
      await noteAct(c.env.db, {
        who: c.get("who"),
        act: "faces-rerun",
        reason: why,
        detail: { limit },
      });
    const progress = await requestRerun(c.env.db, limit);
    if (progress.left > 0) c.env.wake();
    return c.json(progress);
  })
  .post("/faces/forgettings", valid("json", forgetting), async (c) => {
    const { name, personId, reason: why } = c.req.valid("json");
    const { db, wake } = c.env;
    const wanted = name ?? (personId === undefined ? undefined : await nameOf(db, personId));
    if (wanted === undefined) stop(409, "nothing-recorded");
    const acting = { who: c.get("who"), reason: why, settings: settings.faces };
    // Without the name.
    const act = await noteAct(db, { who: c.get("who"), act: "faces-forget", reason: why, detail: {} });
    const asked = await requestForgetting(db, wanted, acting);
    await noteOutcome(
      db,
      act,
      asked === null ? { outcome: "nothing-recorded" } : { outcome: "done", forgetting: asked.id },
    );
    if (asked === null) stop(409, "nothing-recorded");
    wake();
    return c.json({ ...asked, on: isOn(c) });
  })
  .get("/faces/forgettings/:id", valid("param", idParam), async (c) => {
    const found = await forgettingOf(c.env.db, c.req.valid("param").id);
    return c.json({ ...(found ?? stop(404, "no-such-id")), on: isOn(c) });
  });
