import type { NotificationType } from "../../lib/notifications/types.ts";
import type { Receiver } from "../receiver.ts";
import { inventedAsset, type SimulatedAsset, simulatedPublicId, watermarkPublicId } from "./asset.ts";
import { bodyOf } from "./bodies.ts";
import { type Change, withChanges } from "./changes.ts";
import type { Emulator, WantedAsset } from "./emulator.ts";

/** A notification to send. Its asset is prepared when it is its turn. */
export interface Step {
  type: NotificationType;
  asset: Omit<WantedAsset, "publicId">;
}

/** A decision is preceded by its upload, as at Cloudinary. */
export function stepsOf(type: NotificationType): Step[] {
  switch (type) {
    case "upload":
      return [{ type, asset: { want: "new" } }];
    case "moderation":
    case "moderation_summary":
      return [
        { type: "upload", asset: { want: "new", moderation: "pending" } },
        { type, asset: { want: "present", moderation: "approved" } },
      ];
    case "delete":
    case "delete_by_token":
      return [{ type, asset: { want: "absent" } }];
    default:
      return [{ type, asset: { want: "present" } }];
  }
}

export interface BodySource {
  emulator: Emulator | null;
  receiver: Receiver;
  now: Date;
  /** A body to send instead of the sample. */
  given: Record<string, unknown> | null;
  changes: readonly Change[];
}

/** The body of a step. With an emulator, the asset of a sample exists there; without one, it is invented. */
export async function bodyFor(step: Step, source: BodySource): Promise<Buffer> {
  const { given, changes } = source;
  const body = given === null ? await sample(step, source) : { ...given, notification_type: step.type };
  return Buffer.from(JSON.stringify(withChanges(body, changes)));
}

async function sample({ type, asset: wanted }: Step, { emulator, receiver, now }: BodySource) {
  const asset = emulator
    ? await emulatedAsset(emulator, wanted)
    : inventedAsset({ cloudName: receiver.cloudName, publicId: simulatedPublicId, now });
  // A product hides a pending picture, and only Cloudinary can confirm the approval of an invented one.
  const isPending = emulator !== null && wanted.moderation === "pending";
  return bodyOf(type, { asset, apiKey: receiver.apiKey, now, isPending });
}

async function emulatedAsset(emulator: Emulator, wanted: Step["asset"]): Promise<SimulatedAsset> {
  const publicId = simulatedPublicId;
  await emulator.asset({ publicId: watermarkPublicId, want: "present", drawing: "logo" });
  // A deleted asset must have existed, or nothing is known about it.
  if (wanted.want === "absent") await emulator.asset({ publicId, want: "present" });
  return await emulator.asset({ publicId, ...wanted });
}
