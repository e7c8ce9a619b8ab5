/** The API's data for the Moderation view: the effects of actions, in advance, and the pictures. */

/** The effect of an action, by the rule that currently applies to the asset. */
export type Consequence =
  /** `as`: the public id after publishing. */
  | { does: "publish"; as: string }
  /** `afterMs`: the grace period before the deletion; 0: immediately. */
  | { does: "delete"; afterMs: number }
  /** The decision is sent to Cloudinary; its action is put on hold. */
  | { does: "hold" }
  /** The decision is sent to Cloudinary, and an e-mail is sent about it. */
  | { does: "notify" }
  /** The decision is sent to Cloudinary, without further effects. */
  | { does: "nothing" };

/** The effect of releasing a held delivery of any handler. */
export type Release = Consequence | { does: "send-again" } | { does: "retry" };

/** How a picture can be shown: by its delivery URL, by a short-lived signed URL (`/api/moderation/picture`), or not at all. */
export type PictureAccess =
  | { by: "url"; url: string }
  | { by: "signed" }
  | { by: "none"; reason: "not-a-picture" | "restricted" | "no-account" | "other-cloud" | "not-recorded" };

/** The additional data of a decision on the board. */
export interface BoardFacts {
  /** The display name, or the file name, or the last part of the public id. */
  name: string;
  folder: string | null;
  /** `image`, `video` or `raw`. */
  resourceType: string;
  /** It is not public, because of its delivery type or its access control. */
  restricted: boolean;
  picture: PictureAccess;
  backgroundRemoved: boolean;
  /** It was decided, and awaits a decision again. */
  takenBack: boolean;
  /** null if the action is not possible. */
  approve: Consequence | null;
  reject: Consequence | null;
  /** The effect of a release, for a held delivery. */
  release: Consequence | null;
  /** The decision can be taken back (`POST /api/moderation/take-back`), because no deletion has started. */
  canTakeBack: boolean;
}

/** The number of deletions left in this hour. */
export interface DeletionCap {
  left: number;
  max: number;
}
