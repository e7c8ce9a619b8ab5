import { createHash, randomUUID } from "node:crypto";

/**
 * A small Cloudinary for one asset. Things happen to it one after the other; it knows what a product should show in
 * the end, and what notifications were sent on the way. It shares no code with the receiver.
 */
export interface Sent {
  id: string;
  body: object;
  signedAt: Date;
  /** By the hook for uploads by visitors. */
  byPublicHook: boolean;
  /** Not a notification: an operator restores what the one with this id removed. */
  restores?: true;
}

/** How the uploads are notified: not by the hook for visitors, by it alone, or by it and by the global trigger. */
export type Uploaders = "team" | "visitors" | "visitors-and-trigger";

export type Act =
  | { do: "upload"; tags: string[] | null; mode?: "public" | "authenticated"; pdf?: boolean }
  | { do: "eager"; names: string[]; seconds: number }
  | { do: "rename"; to: string }
  | { do: "delete"; versioned: boolean }
  | { do: "restore" }
  | { do: "take-back" }
  | { do: "metadata"; skus: readonly string[] }
  | { do: "context"; sku: string | null }
  | { do: "tag"; add: boolean; sku: string }
  | { do: "moderate"; status: "approved" | "rejected" | "pending" }
  | { do: "lock"; locked: boolean };

/** Who signs the delivery URLs: nobody, or this account with the secret that the receiver has (as npm, or as the Ruby gem with `sign_version`), or with another. */
export type Signer = "nobody" | "known" | "known-with-version" | "unknown";

/** The secret that the receiver has. */
export const apiSecret = "convergence-secret";

interface Picture {
  version: number;
  /** The name of the asset when it was made. */
  publicId: string;
  /** The deletes that it went with and that stand. */
  deletedBy: Set<string>;
}

export class World {
  readonly sent: Sent[] = [];
  private now: number;
  private publicId = "loose/first name";
  private version = 0;
  private alive = false;
  private readonly pictures = new Map<string, Picture>();
  private metadata: readonly string[] = [];
  private context: string | null = null;
  private readonly tags = new Set<string>();
  private readonly moderated = new Map<number, string>();
  private locked = false;
  private accessMode = "public";
  private isFile = false;
  private lastDelete: Sent | null = null;
  private readonly assetId: string;
  private readonly uploaders: Uploaders;
  private readonly signer: Signer;
  /** Bodies before 2024 have no `notification_context`, and a delete has no instant at all. */
  private readonly old: boolean;

  constructor(
    assetId: string,
    { old, uploaders, signer }: { old: boolean; uploaders: Uploaders; signer: Signer },
    startedAt: number,
  ) {
    this.assetId = assetId;
    this.old = old;
    this.uploaders = uploaders;
    this.signer = signer;
    this.now = startedAt;
  }

  /** What needs an asset does nothing while there is none. */
  act(act: Act): void {
    this.now += 3;
    if (act.do === "upload") this.upload(act);
    else if (act.do === "restore") this.restore();
    else if (act.do === "take-back") this.takeBack();
    else if (this.alive) this.change(act);
  }

  private change(act: Exclude<Act, { do: "upload" | "restore" | "take-back" }>): void {
    if (act.do === "eager") this.eager(act.names, act.seconds);
    if (act.do === "rename") this.rename(act.to);
    if (act.do === "delete") this.delete(act.versioned);
    if (act.do === "metadata") this.setMetadata(act.skus);
    if (act.do === "context") this.setContext(act.sku);
    if (act.do === "tag") this.tag(act.add, act.sku);
    if (act.do === "moderate") this.moderate(act.status);
    if (act.do === "lock") this.lock(act.locked);
  }

  /** What the product shows when all is known. */
  expected(): { sku: string; rendition: string; secure_url: string; is_file: boolean; stale: boolean }[] {
    if (this.locked || this.accessMode === "authenticated" || !this.trusted()) return [];
    return (
      [...this.pictures]
        .filter(([, { deletedBy, version }]) => deletedBy.size === 0 && !this.heldBack(version))
        // An original that needs a signature is not public.
        .filter(([rendition]) => rendition !== "original" || this.signer === "nobody")
        .flatMap(([rendition, { version, publicId }]) => {
          const stale = this.signer === "unknown" && publicId !== this.publicId;
          const secure_url = this.url(rendition, version, stale ? publicId : this.publicId);
          return this.skus().map((sku) => ({ sku, rendition, secure_url, is_file: this.isFile, stale }));
        })
        .sort((a, b) => ([a.rendition, a.sku].join("\n") < [b.rendition, b.sku].join("\n") ? -1 : 1))
    );
  }

  /** What Cloudinary has in the end; null: nothing. */
  atCloudinary(): { version: number; moderation: { kind: string; status: string }[] } | null {
    const status = this.moderated.get(this.version);
    if (!this.alive) return null;
    return {
      version: this.version,
      moderation: status === undefined ? [] : [{ kind: "manual", status }],
    };
  }

  private skus(): readonly string[] {
    if (this.metadata.length > 0) return this.metadata;
    if (this.context !== null) return [this.context];
    if (this.tags.size > 0) return [...this.tags];
    return /^products\/([^/]+)\//.exec(this.publicId)?.slice(1) ?? [];
  }

  private heldBack(version: number): boolean {
    return [...this.moderated].some(([moderated, status]) => status !== "approved" && moderated >= version);
  }

  private trusted(): boolean {
    return this.uploaders === "team" || this.moderated.get(this.version) === "approved";
  }

  private url(rendition: string, version: number, publicId = this.publicId): string {
    const steps = rendition === "original" ? "" : `${rendition}/`;
    const name = `${publicId.split("/").map(encodeURIComponent).join("/")}.jpg`;
    const secret = this.signer === "unknown" ? "an-earlier-secret" : apiSecret;
    const signed = this.signer === "known-with-version" ? `v${version}/${publicId}.jpg` : name;
    const digest = createHash("sha1").update(`${steps}${signed}${secret}`).digest("base64url").slice(0, 8);
    const signature = this.signer === "nobody" ? "" : `s--${digest}--/`;
    return `https://res.cloudinary.com/demo/image/${this.type()}/${signature}${steps}v${version}/${name}`;
  }

  private type(): string {
    return this.signer === "nobody" ? "upload" : "authenticated";
  }

  private upload({ tags, mode, pdf = false }: Extract<Act, { do: "upload" }>): void {
    this.version = this.now;
    this.alive = true;
    this.isFile = pdf;
    if (mode !== undefined) this.accessMode = mode;
    this.pictures.set("original", this.picture());
    if (tags !== null) {
      this.tags.clear();
      for (const tag of tags) this.tags.add(tag);
    }
    this.send(
      {
        notification_type: "upload",
        ...this.self(),
        version: this.version,
        format: pdf ? "pdf" : "jpg",
        width: 800,
        height: 600,
        bytes: 1_000,
        secure_url: this.url("original", this.version),
        ...(mode !== undefined && { access_mode: mode }),
        ...(tags !== null && { tags: tags.map((sku) => `sku:${sku}`).concat("spring") }),
      },
      { lateBy: 1, uploads: true },
    );
  }

  /** Done some seconds after it was asked for; other things can happen in between. */
  private eager(names: string[], seconds: number): void {
    for (const name of names) this.pictures.set(name, this.picture());
    this.send(
      {
        notification_type: "eager",
        asset_id: this.assetId,
        public_id: this.publicId,
        batch_id: "b",
        eager: names.map((name) => ({
          transformation: name,
          width: 10,
          height: 10,
          bytes: 10,
          format: "jpg",
          secure_url: this.url(name, this.version),
        })),
      },
      // Of two results for the same version, the later event stays. Where it has an earlier name, that cannot be signed again with an
      // unknown secret, its picture is stale although the other result was not: a limit that this model leaves out.
      { lateBy: this.signer === "unknown" ? 0 : seconds, uploads: true },
    );
  }

  private picture(): Picture {
    return { version: this.version, publicId: this.publicId, deletedBy: new Set() };
  }

  private rename(to: string): void {
    const from = this.publicId;
    this.publicId = to;
    const { public_id: _, ...rest } = this.self();
    this.send({ notification_type: "rename", ...rest, from_public_id: from, to_public_id: to });
  }

  private delete(versioned: boolean): void {
    this.alive = false;
    const resource = { ...this.self(), ...(versioned && { version: this.version }) };
    this.lastDelete = this.send({ notification_type: "delete", resources: [resource] }, { instant: false });
    for (const { deletedBy } of this.pictures.values()) deletedBy.add(this.lastDelete.id);
  }

  private restore(): void {
    if (this.alive || this.version === 0) return;
    this.alive = true;
    for (const { deletedBy } of this.pictures.values()) deletedBy.clear();
    this.send({ notification_type: "restore_asset_version", ...this.self() });
  }

  private takeBack(): void {
    const taken = this.lastDelete;
    if (this.alive || taken === null) return;
    this.alive = true;
    for (const { deletedBy } of this.pictures.values()) deletedBy.delete(taken.id);
    this.sent.push({ ...taken, restores: true });
  }

  /** A set field; one of a single value says it as a text. */
  private setMetadata(skus: readonly string[]): void {
    const field = (values: readonly string[]) =>
      values.length === 0 ? {} : { sku: values.length === 1 ? values[0] : values };
    const previous_metadata = field(this.metadata);
    this.metadata = skus;
    this.keyed("resource_metadata_changed", { previous_metadata, new_metadata: field(skus) });
  }

  private setContext(sku: string | null): void {
    this.context = sku;
    this.keyed(
      "resource_context_changed",
      sku === null
        ? { added: {}, removed: ["sku"], updated: {} }
        : { added: { sku }, removed: [], updated: {} },
    );
  }

  private tag(add: boolean, sku: string): void {
    if (add) this.tags.add(sku);
    else this.tags.delete(sku);
    const list = [`sku:${sku}`];
    const change = { added: add ? list : [], removed: add ? [] : list };
    const resource = { ...this.self(), ...change };
    this.send({ notification_type: "resource_tags_changed", resources: [resource] }, { instant: false });
  }

  private moderate(status: string): void {
    this.moderated.set(this.version, status);
    const updated = { moderation_kind: "manual", moderation_updated_at: iso(this.now) };
    this.send({
      notification_type: "moderation",
      moderation_status: status,
      ...updated,
      asset_id: this.assetId,
      public_id: this.publicId,
      version: this.version,
      secure_url: this.url("original", this.version),
    });
  }

  private lock(locked: boolean): void {
    this.locked = locked;
    const rules = locked ? [{ access_type: "token" }] : [];
    const resource = { ...this.self(), previous_access_control: [], new_access_control: rules };
    this.send({ notification_type: "access_control_changed", resources: [resource] }, { instant: false });
  }

  private keyed(type: string, change: object): void {
    const { public_id, ...rest } = this.self();
    this.send(
      { notification_type: type, resources: { [public_id]: { ...rest, ...change } } },
      { instant: false },
    );
  }

  private self() {
    return { asset_id: this.assetId, public_id: this.publicId, resource_type: "image", type: this.type() };
  }

  private send(body: object, { lateBy = 0, instant = true, uploads = false } = {}): Sent {
    const signedAt = new Date((this.now + lateBy) * 1_000);
    const stamp = instant ? { timestamp: iso(this.now + lateBy) } : {};
    const context = { notification_context: { triggered_at: iso(this.now) } };
    const sent = {
      id: randomUUID(),
      body: { ...body, ...(this.old ? stamp : { ...stamp, ...context }) },
      signedAt,
      byPublicHook: uploads && this.uploaders !== "team",
    };
    this.sent.push(sent);
    // The two bodies differ in what does not matter here, or they would be one notification.
    if (uploads && this.uploaders === "visitors-and-trigger")
      this.sent.push({ ...sent, id: randomUUID(), byPublicHook: false });
    return sent;
  }
}

function iso(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
