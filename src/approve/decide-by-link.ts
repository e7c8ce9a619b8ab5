import type { CloudinaryAccount } from "../config.types.ts";
import { decideAsPerson } from "../console/server/decide-as-person.ts";
import { cardOf, deletionCap } from "../console/server/queries/board.ts";
import type { FactContext } from "../console/server/queries/board-facts.ts";
import { recordedAsset, signedPictureUrl } from "../console/server/signed-picture.ts";
import { smallPicture } from "../console/server/thumbnail.ts";
import type { BoardFacts } from "../console/shared/moderation.ts";
import { instant } from "../handlers/email/messages/formatting.ts";
import { productsOfAssets } from "../handlers/pim/products-of-assets.ts";
import { accountOfAsset } from "../lib/cloudinary/accounts.ts";
import { type Db, database } from "../lib/database/pool.ts";
import { type DeployContext, enter } from "../lib/entry/enter.ts";
import { readBody } from "../lib/receive/read-body.ts";
import { errorText, log } from "../lib/shared/log.ts";
import { decodeUtf8 } from "../lib/shared/utf8.ts";
import { settings } from "../settings.ts";
import { type ApproveGrant, decidePath, readGrant } from "./link.ts";
import { noticePage, questionPage, wordsOf } from "./pages.ts";
import { type Standing, standingOf } from "./standing.ts";
import { claimLink, type Decision, recordedUse, settleLink } from "./uses.ts";

const maxFormBytes = 10_000;

/** decide: the page of a link in a mail or a chat. GET shows the picture and the consequences; only POST decides. */
export async function decideByLink(request: Request, context: DeployContext): Promise<Response> {
  const entry = enter(request, context);
  if (!entry.ok) return noticePage(503, "Not available", "This deploy does not make decisions.");
  const { config } = entry;
  if (!["GET", "HEAD", "POST"].includes(request.method))
    return noticePage(405, "Not possible", "Open the link in a browser.");
  if (config.approveLinkSecret === null || config.cloudinary === null) return turnedOff();
  const { pathname } = new URL(request.url);
  const reading = readGrant(config.approveLinkSecret, pathname.slice(decidePath.length), Date.now());
  if (!reading.ok) return reading.reason === "expired" ? expired() : invalid();
  const account = accountOfAsset(config, reading.grant.assetId);
  if (account === null) return turnedOff();
  const { databaseUrl: url, databaseCa: ca } = config;
  const db = database({ url, ca, max: 1, timeoutMs: 10_000 });
  try {
    const asked = { db, account, grant: reading.grant };
    const obstacle = await obstacleOf(asked);
    if (obstacle) return obstacle;
    return request.method === "POST" ? await decided(request, asked) : await question(asked, null);
  } catch (error) {
    log("error", "a decision by link failed", { error: errorText(error) });
    return noticePage(
      503,
      "Not possible at the moment",
      "The receiver could not look this up. Try again later.",
    );
  }
}

interface Asked {
  db: Db;
  account: CloudinaryAccount;
  grant: ApproveGrant;
}

/** Why there is nothing to decide; null if there is. */
async function obstacleOf({ db, account, grant }: Asked): Promise<Response | null> {
  const use = await recordedUse(db, grant.id);
  if (use)
    return noticePage(
      410,
      "This link was used",
      use.outcome === null
        ? "The decision is being made. Reload this page in a minute."
        : `The picture was ${use.decision} by this link on ${instant(use.claimedAt, settings.email.timeZone)}.`,
      "To change a decision, use the moderation board.",
    );
  return standingPage(await standingOf(db, { ...grant, cloud: account.cloudName }));
}

function standingPage(standing: Standing): Response | null {
  switch (standing) {
    case "waits":
      return null;
    case "approved":
    case "rejected":
      return noticePage(409, "Already decided", `Somebody else has decided: the picture was ${standing}.`);
    case "deleted":
      return noticePage(410, "The picture was deleted", "There is nothing left to decide.");
    case "replaced":
      return noticePage(
        409,
        "The picture was replaced",
        "This link is about an earlier version. There will be another message if the new one waits for a decision.",
      );
    case "unknown":
      return noticePage(
        404,
        "Nothing is known about this picture",
        "Its records may have been deleted, or are not there yet. Use the moderation board.",
      );
    default:
      return standing satisfies never;
  }
}

const turnedOff = (): Response =>
  noticePage(404, "This link does not work", "Decisions by link are turned off. Use the moderation board.");

const invalid = (): Response =>
  noticePage(403, "This link is not valid", "It is incomplete, or it was revoked. Use the moderation board.");

const expired = (): Response =>
  noticePage(410, "This link has expired", "Use the moderation board to decide.");

async function cardFor({ db, account, grant }: Asked): Promise<BoardFacts | null> {
  const context: FactContext = {
    settings: settings.moderation,
    cloudName: account.cloudName,
    otherClouds: new Set([account.cloudName]),
    // Who is asked to decide must see what about.
    maySeeRestricted: true,
    cap: await deletionCap(db, settings.moderation.maxDeletionsPerHour),
    now: Date.now(),
  };
  return await cardOf(db, grant, context);
}

async function question(asked: Asked, problem: string | null): Promise<Response> {
  const { db, account, grant } = asked;
  const card = await cardFor(asked);
  if (card === null) return standingPage("unknown") ?? invalid();
  const about = { assetId: grant.assetId, version: grant.version, cloud: account.cloudName };
  const asset = await recordedAsset(db, about);
  const products = await productsOfAssets(db, [grant.assetId]);
  return questionPage({
    card,
    publicId: asset?.public_id ?? null,
    skus: products.get(grant.assetId)?.skus ?? [],
    picture: pictureOf(card, await signedPictureUrl(db, account, about)),
    recipient: grant.recipient,
    problem,
  });
}

/** Restricted pictures by an address that is valid for a minute, as on the board. */
function pictureOf({ picture }: BoardFacts, signed: string | null): string | null {
  if (picture.by === "url") return smallPicture(picture.url) ?? picture.url;
  return picture.by === "signed" ? signed : null;
}

async function decided(request: Request, asked: Asked): Promise<Response> {
  const { db, account, grant } = asked;
  // Browsers say from where a form was sent; others say nothing.
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return invalid();
  const form = await formOf(request);
  const decision = form?.get("decision");
  if (decision !== "approved" && decision !== "rejected") return await question(asked, "Choose a decision.");
  const card = await cardFor(asked);
  const consequence = decision === "approved" ? card?.approve : card?.reject;
  if (!consequence) return standingPage("unknown") ?? invalid();
  const reason = form?.get("reason")?.trim().slice(0, 500) || undefined;
  if (consequence.does === "delete" && (reason?.length ?? 0) < 3)
    return await question(asked, "Say why the picture is to be deleted, in at least three characters.");
  if (!(await claimLink(db, grant.id, decision))) return (await obstacleOf(asked)) ?? invalid();
  return await carriedOut(asked, decision, { reason, words: wordsOf(decision, consequence), account });
}

async function carriedOut(
  { db, grant }: Asked,
  decision: Decision,
  { reason, words, account }: { reason: string | undefined; words: string; account: CloudinaryAccount },
): Promise<Response> {
  const { assetId, version } = grant;
  const outcome = await decideAsPerson(db, account, {
    who: `link: ${grant.recipient}`,
    reason,
    wanted: { assetId, version, status: decision, seen: "pending" },
  });
  // Nothing was decided, so the link can be used again.
  await settleLink(db, grant.id, outcome.ok ? "done" : "failed");
  if (outcome.ok)
    return noticePage(
      200,
      decision === "approved" ? "Approved" : "Rejected",
      words,
      "You can close this page.",
    );
  switch (outcome.reason) {
    case "gone":
      return standingPage("deleted") ?? invalid();
    case "replaced":
      return standingPage("replaced") ?? invalid();
    case "not-pending":
      return noticePage(409, "Already decided", "Somebody else has decided about this picture.");
    case "cloudinary-failed":
      return noticePage(
        502,
        "Not decided",
        "Cloudinary did not accept the decision. Try this link again later.",
      );
    default:
      return outcome satisfies never;
  }
}

async function formOf(request: Request): Promise<URLSearchParams | null> {
  if (!request.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded")) return null;
  const { bodyTimeoutMs } = settings.receive;
  const read = await readBody(request, { maxBodyBytes: maxFormBytes, bodyTimeoutMs });
  return read.ok ? new URLSearchParams(decodeUtf8(read.body)) : null;
}
