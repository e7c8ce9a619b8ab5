/** An instant as ISO 8601 text: Cloudinary names microseconds, which a `Date` would lose. */
export type Instant = string;

/** Something that was so at an instant; where two disagree the later one stands. */
export interface Dated<T> {
  value: T;
  at: Instant;
}

/** What a source of SKUs said about one field; `element` where it can name several values, null for "none" and "not any more". */
export interface Claim {
  field: "sku" | "role" | "position" | "alt";
  source: string;
  element?: string;
  value: string | null;
  at: Instant;
}

export interface ModerationStatus {
  kind: string;
  version: number;
  status: string;
  at: Instant;
}

export interface Access {
  restricted: boolean;
  /** When anybody may see it all the same. */
  from: Instant | null;
  until: Instant | null;
}

/** What a notification says about one asset. What it does not say is absent and changes nothing. */
export interface AssetFacts {
  assetId: string;
  /** When the notification was received. */
  receivedAt: Date;
  /** A visitor uploaded it: it claims no product until its newest version is approved. */
  untrusted: boolean;
  resourceType?: string;
  publicId?: Dated<string>;
  deliveryType?: Dated<string>;
  folder?: Dated<string>;
  displayName?: Dated<string>;
  access?: Dated<Access>;
  version?: number;
  claims?: Claim[];
  moderation?: ModerationStatus[];
}

/** A picture made of an asset, under the name that the settings give to its transformation. */
export interface Rendition {
  name: string;
  transformation: string | null;
  version: number;
  versionInUrl: boolean;
  eventAt: Instant;
  /** No later than the moment at which the asset had the public id that stands in the URL. */
  namedAt: Instant;
  publicId: string;
  secureUrl: string;
  parts: UrlParts | null;
  width: number | null;
  height: number | null;
  bytes: number | null;
  format: string | null;
}

/** A delivery URL around its public id. */
export interface UrlParts {
  /** Up to and with the resource type, without the slash. */
  prefix: string;
  type: string;
  signature: string | null;
  transformation: string | null;
  /** The format with its dot, or nothing. */
  suffix: string;
}

export interface FailedRendition {
  name: string;
  transformation: string | null;
  failure: string;
  failedAt: Instant;
}
