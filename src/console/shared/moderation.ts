/** What the API tells the page of the Moderation view about acts and pictures, before anything is done. */

/** What an act leads to, by the rule that applies to this asset now. */
export type Consequence =
  /** `as`: the public id under which everybody can see it. */
  | { does: "publish"; as: string }
  /** `afterMs`: how long the rejection stands before the asset is deleted; 0: at once. */
  | { does: "delete"; afterMs: number }
  /** The decision is told to Cloudinary; what follows waits for a person. */
  | { does: "hold" }
  /** The decision is told to Cloudinary, and an e-mail says so. */
  | { does: "notify" }
  /** The decision is told to Cloudinary, and nothing else follows. */
  | { does: "nothing" };

/** What letting a held delivery go on leads to, whichever handler holds it. */
export type Release = Consequence | { does: "send-again" } | { does: "retry" };

/** How a picture can be shown: by its delivery URL, by a short-lived signed address (`/api/moderation/picture`), or not at all. */
export type PictureAccess =
  | { by: "url"; url: string }
  | { by: "signed" }
  | { by: "none"; reason: "not-a-picture" | "restricted" | "no-account" | "other-cloud" | "not-recorded" };

/** What the board adds to a recorded decision. */
export interface BoardFacts {
  /** The display name, else the file's name, else the end of the public id. */
  name: string;
  folder: string | null;
  /** `image`, `video` or `raw`. */
  resourceType: string;
  /** Not everybody can see it now, by its delivery type or its access control. */
  restricted: boolean;
  picture: PictureAccess;
  backgroundRemoved: boolean;
  /** It was decided, and waits for a decision again. */
  takenBack: boolean;
  /** null: the act is not possible here. */
  approve: Consequence | null;
  reject: Consequence | null;
  /** Of a held delivery: what letting it go on does. */
  release: Consequence | null;
  /** What was decided can be undone (`POST /api/moderation/take-back`): no deletion has begun. */
  canTakeBack: boolean;
}

/** How many deletions the cap leaves in this hour. */
export interface DeletionCap {
  left: number;
  max: number;
}
