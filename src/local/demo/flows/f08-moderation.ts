import { nudgeHeaders } from "../../../lib/deliveries/nudge.ts";
import { productPicture } from "../../samples.ts";
import { chatted } from "../chatted.ts";
import { check, checkThat, until } from "../check.ts";
import { dataUri, statusOf } from "../cloud.ts";
import { delivered } from "../delivered.ts";
import type { Flow, Stage } from "../flow.ts";
import { linkIn, linksAreOn, mailed } from "../mailed.ts";

export const moderation: Flow = {
  id: "F8",
  title: "Moderation by a person",
  async play(stage) {
    // One is restricted to token holders until it is approved; the other is public until it is rejected.
    const hidden = await uploadForReview(stage, "hidden", { access_control: [{ access_type: "token" }] });
    const open = await uploadForReview(stage, "open", {});
    const waiting = await uploadForReview(stage, "waiting", {});
    stage.sent("3 uploads with moderation: manual");
    await Promise.all([approve(stage, hidden), reject(stage, open)]);
    await stage.arrival({ type: "upload", publicId: waiting.publicId });
    stage.done("1 left on the board for you to decide");
    await approveByLink(stage, await uploadForReview(stage, "by-link", {}));
  },
};

interface Waiting {
  publicId: string;
  assetId: string;
  version: number;
  secureUrl: string;
}

async function uploadForReview(
  stage: Stage,
  name: string,
  access: { access_control?: [{ access_type: "token" }] },
): Promise<Waiting> {
  const colour = name === "open" ? "#a33" : "#2f9e62";
  const asset = await stage.cloud.uploader.upload(dataUri(await productPicture(colour)), {
    public_id: stage.name(name),
    context: { sku: stage.sku },
    moderation: "manual",
    ...access,
  });
  const { public_id: publicId, asset_id: assetId, version, secure_url: secureUrl } = asset;
  return { publicId, assetId, version, secureUrl };
}

async function approve(stage: Stage, picture: Waiting): Promise<void> {
  await stage.arrival({ type: "upload", publicId: picture.publicId });
  check("the picture before a decision", { expected: 401, seen: await statusOf(picture.secureUrl) });
  await productShows(stage, picture, false);
  await decide(stage, picture, "approved");
  const decided = await stage.arrival({ type: "moderation", publicId: picture.publicId });
  delivered(decided, "moderation", "done");
  delivered(decided, "pim", "done");
  check("the picture after the approval", { expected: 200, seen: await statusOf(picture.secureUrl) });
  const card = (await stage.receiver.board("decided")).find(({ assetId }) => assetId === picture.assetId);
  checkThat("the board", card?.status === "approved" && card.carriedOutAt !== null, {
    expected: "approved and carried out",
    seen: card,
  });
  await productShows(stage, picture, true);
  stage.done("approved on the board: public, and on its product");
  await mailed(stage, decided, "picture");
  await chatted(stage, decided);
}

/** By default, an asset rejected by a person is deleted once the rejection is confirmed. */
async function reject(stage: Stage, picture: Waiting): Promise<void> {
  await stage.arrival({ type: "upload", publicId: picture.publicId });
  // An asset with pending moderation is linked to no product.
  await productShows(stage, picture, false);
  await decide(stage, picture, "rejected");
  const wanted = { type: "moderation", publicId: picture.publicId };
  const rejected = await stage.arrival(wanted);
  const held = delivered(rejected, "moderation", "held");
  check("why it is held", { expected: "awaits-person", seen: held.lastError });
  await productShows(stage, picture, false);
  await mailed(stage, rejected, "no-picture");
  await stage.receiver.release(held.id, 1);
  const deleted = await stage.arrival({ type: "delete", publicId: picture.publicId });
  delivered(deleted, "pim", "done");
  delivered(await stage.arrival(wanted), "moderation", "done");
  check("the picture after the rejection", { expected: 404, seen: await statusOf(picture.secureUrl) });
  stage.done("rejected, held, released: deleted");
}

/** By the link in the mail that the sweep sends about what waits for a person. Opening the link decides nothing. */
async function approveByLink(stage: Stage, picture: Waiting): Promise<void> {
  const { publicId } = picture;
  await stage.arrival({ type: "upload", publicId });
  if (!(await linksAreOn(stage))) return stage.done("no approval by link: APPROVE_LINK_SECRET is empty");
  // Otherwise the sweep would send it within five minutes.
  const secret = { name: "demo", value: stage.cloud.secret, expiresAt: null, cloud: null };
  const headers = nudgeHeaders([secret]) ?? {};
  const sweep = `${stage.url}/.netlify/functions/sweep`;
  const swept = await fetch(sweep, { method: "POST", headers, signal: stage.signal });
  check("the sweep", { expected: 200, seen: swept.status });
  const link = await until(`the link of ${publicId}`, {
    read: () => linkIn(stage, publicId),
    holds: (found) => found !== null,
    expected: "a mail with a link",
    signal: stage.signal,
  });
  const opened = await fetch(link ?? "", { signal: stage.signal });
  check("the page of the link", { expected: 200, seen: opened.status });
  const isPending = (await stage.receiver.board("pending")).some(
    ({ assetId }) => assetId === picture.assetId,
  );
  check("still waiting after the link was opened", { expected: true, seen: isPending });
  const body = new URLSearchParams({ decision: "approved" });
  const decided = await fetch(link ?? "", { method: "POST", body, signal: stage.signal });
  check("the decision by the link", { expected: 200, seen: decided.status });
  delivered(await stage.arrival({ type: "moderation", publicId }), "moderation", "skipped");
  const again = await fetch(link ?? "", { method: "POST", body, signal: stage.signal });
  check("the link after it was used", { expected: 410, seen: again.status });
  stage.done("approved by the link in a mail, which works once");
}

/** On the moderation board, by an operator of the receiver. */
async function decide({ receiver, signal }: Stage, one: Waiting, status: "approved" | "rejected") {
  await until("pending on the board", {
    read: () => receiver.board("pending"),
    holds: (cards) => cards.some(({ assetId }) => assetId === one.assetId),
    expected: one.publicId,
    signal,
  });
  await receiver.decide({ assetId: one.assetId, version: one.version, status });
}

async function productShows({ receiver, sku, signal }: Stage, { publicId }: Waiting, wanted: boolean) {
  await until(`pictures of ${sku}`, {
    read: async () => (await receiver.product(sku)).map((image) => image.publicId),
    holds: (pictures) => pictures.includes(publicId) === wanted,
    expected: wanted ? `${publicId} among them` : `not ${publicId}`,
    signal,
  });
}
