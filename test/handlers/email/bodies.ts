import { nothingKnown } from "../../../src/handlers/email/known.ts";
import { settings } from "../../../src/settings.ts";
import type { EmailSettings } from "../../../src/settings.types.ts";
import { hexId } from "../../support/bodies.ts";

/** A video whose formats were made, as an eager notification says it. */
export function eagerBody(changed: Record<string, unknown> = {}) {
  const at = "https://res.cloudinary.com/demo/video/upload";
  return {
    notification_type: "eager",
    timestamp: "2026-03-02T10:15:00+00:00",
    request_id: hexId(),
    batch_id: hexId(64),
    asset_id: hexId(),
    public_id: "trailers/harbour",
    eager: [
      {
        transformation: "f_mp4,q_auto,w_960",
        width: 960,
        height: 540,
        bytes: 3_144_370,
        format: "mp4",
        secure_url: `${at}/f_mp4,q_auto,w_960/v1772446500/trailers/harbour.mp4`,
      },
      {
        transformation: "f_webm,w_960",
        width: 960,
        height: 540,
        bytes: 1_979_069,
        format: "webm",
        secure_url: `${at}/f_webm,w_960/v1772446500/trailers/harbour.webm`,
      },
    ],
    notification_context: {
      triggered_at: "2026-03-02T10:14:51.000000Z",
      triggered_by: { source: "api", id: "614335564976464" },
    },
    ...changed,
  };
}

/** A decision, as a moderation notification says it. */
export function moderationBody(status: string, changed: Record<string, unknown> = {}) {
  return {
    notification_type: "moderation",
    moderation_kind: "aws_rek",
    moderation_status: status,
    moderation_updated_at: "2026-03-02T11:00:00Z",
    moderation_response: { moderation_labels: [{ name: "Violence", confidence: 91.2 }] },
    asset_id: hexId(),
    public_id: "reviews/knight",
    uploaded_at: "2026-03-02T10:59:57Z",
    version: 1_772_449_197,
    secure_url: "https://res.cloudinary.com/demo/image/upload/v1772449197/reviews/knight.png",
    etag: hexId(),
    ...changed,
  };
}

/** What composing a mail takes besides the notification, of an asset that the receiver knows nothing else about. */
export function composing(withJson: boolean, email: Partial<EmailSettings> = {}) {
  return { settings: { ...settings, email: { ...settings.email, withJson, ...email } }, known: nothingKnown };
}
