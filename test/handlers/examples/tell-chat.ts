import { defineHandler } from "../../../src/lib/deliveries/define-handler.ts";
import { failedResponse } from "../../../src/lib/outgoing/failed-response.ts";

/** Posts a message to a chat about each picture that is uploaded to a folder. */
export const tellChatHandler = defineHandler({
  name: "tell-chat",
  environment: {
    TELL_CHAT_URL: {
      about: "The address of the chat's incoming webhook.",
      check: (value) => (URL.canParse(value) ? null : "is not a URL"),
    },
  },
  settings: { folder: "press" },
  async handle({ content }, { environment, settings, progress, signal, markSending }) {
    if (content.type !== "upload") return { kind: "skip", reason: "not-an-upload" };
    const [asset] = content.assets;
    if (!asset?.public_id?.startsWith(`${settings.folder}/`))
      return { kind: "skip", reason: "another-folder" };
    // An operator replays a delivery that is done.
    if (progress === "sent") return { kind: "skip", reason: "already-sent" };

    // A chat recognises no repeats. If this attempt is lost from here on, the delivery is put on hold.
    await markSending();
    const response = await fetch(environment.TELL_CHAT_URL, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text: `New picture: ${asset.secure_url ?? asset.public_id}` }),
      signal,
    });
    if (!response.ok) return failedResponse(response, "the chat");
    return { kind: "done", progress: "sent", result: { publicId: asset.public_id } };
  },
});
