import { video } from "../../samples.ts";
import { check } from "../check.ts";
import { dataUri, statusOf } from "../cloud.ts";
import { delivered } from "../delivered.ts";
import type { Flow, Stage } from "../flow.ts";
import { mailed } from "../mailed.ts";

export const videoModeration: Flow = {
  id: "F11",
  title: "Google AI video moderation",
  async play(stage) {
    const approved = await uploadClip(stage, { name: "otters", colour: "#2f9e62", tags: [] });
    // The emulated add-on decides by this tag.
    const rejected = await uploadClip(stage, { name: "brawl", colour: "#a33", tags: ["moderation:reject"] });
    stage.sent("2 videos with google_video_moderation, for token holders only");

    const yes = await stage.arrival({ type: "moderation", publicId: approved.publicId });
    delivered(yes, "moderation", "done");
    check("the approved video", { expected: 200, seen: await statusOf(approved.secureUrl) });
    stage.done("approved: anonymous");
    await mailed(stage, yes, "picture");

    const no = await stage.arrival({ type: "moderation", publicId: rejected.publicId });
    delivered(no, "moderation", "done");
    await stage.arrival({ type: "delete", publicId: rejected.publicId });
    check("the rejected video", { expected: 404, seen: await statusOf(rejected.secureUrl) });
    stage.done("rejected: deleted");
    await mailed(stage, no, "no-picture");
  },
};

async function uploadClip(
  { cloud, name: named, url }: Stage,
  clip: { name: string; colour: string; tags: string[] },
) {
  const { public_id, secure_url } = await cloud.uploader.upload(dataUri(await video(clip.colour)), {
    public_id: named(clip.name),
    resource_type: "video",
    tags: clip.tags,
    access_control: [{ access_type: "token" }],
    moderation: "google_video_moderation:possible",
    notification_url: `${url}/webhooks`,
  });
  // The add-on takes a moment; until then only token holders can see the asset.
  check(`${clip.name} before the decision`, { expected: 401, seen: await statusOf(secure_url) });
  return { publicId: public_id, secureUrl: secure_url };
}
