import * as z from "zod";
import { type DeliveryUrl, splitDeliveryUrl } from "../../cloudinary/delivery-url.ts";
import { versionOf } from "../asset.ts";

/** One entry of `eager`. Each entry succeeds or fails individually. */
export type Derived =
  | DerivedReady
  | { kind: "failed"; transformation: string; reason: string }
  /** Requested asynchronously and not ready yet; a separate notification follows. */
  | { kind: "processing"; transformation: string };

/** `parts` and `version` are getters that parse the URL: a copy made by spreading lacks them. */
export interface DerivedReady {
  kind: "ready";
  /** As requested, such as `c_fill,h_100,w_100`. */
  transformation: string;
  secure_url: string;
  /** null if it is not a Cloudinary delivery URL. */
  readonly parts: DeliveryUrl | null;
  /** The version of the original. */
  readonly version?: number | undefined;
  format?: string;
  width?: number;
  height?: number;
  bytes?: number;
}

export const eagerEntry = z.looseObject({
  transformation: z.string().nullish(),
  status: z.string().nullish(),
  reason: z.string().nullish(),
  url: z.string().nullish(),
  secure_url: z.string().nullish(),
  format: z.string().nullish(),
  width: z.number().nullish(),
  height: z.number().nullish(),
  bytes: z.int().nullish(),
});

type WireEntry = z.output<typeof eagerEntry>;

const NOT_YET = new Set(["processing", "pending", "queued"]);

/** Successful entries have no `status` in the body; an entry with neither URL nor status has failed. */
export function readDerived(wire: readonly WireEntry[], publicId: string): Derived[] {
  return wire.map((entry) => {
    const url = entry.secure_url ?? entry.url;
    const transformation = entry.transformation ?? "";
    if (entry.status && NOT_YET.has(entry.status)) return { kind: "processing", transformation };
    if (url && entry.status !== "failed") return new Ready(entry, url, publicId);
    return { kind: "failed", transformation, reason: entry.reason ?? "no reason given" };
  });
}

/** Parses the URL only when it is read: a body of 100 KB contains 300 of them. */
class Ready implements DerivedReady {
  readonly kind = "ready";
  readonly transformation: string;
  readonly secure_url: string;
  declare format?: string;
  declare width?: number;
  declare height?: number;
  declare bytes?: number;
  readonly #publicId: string;

  constructor(entry: WireEntry, url: string, publicId: string) {
    this.#publicId = publicId;
    this.secure_url = url;
    this.transformation = entry.transformation ?? this.parts?.transformation ?? "";
    if (typeof entry.format === "string") this.format = entry.format;
    if (typeof entry.width === "number") this.width = entry.width;
    if (typeof entry.height === "number") this.height = entry.height;
    if (typeof entry.bytes === "number") this.bytes = entry.bytes;
  }

  get parts(): DeliveryUrl | null {
    return splitDeliveryUrl(this.secure_url, this.#publicId);
  }

  get version(): number | undefined {
    return versionOf(this.parts);
  }
}
