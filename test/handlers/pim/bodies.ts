import { randomBytes } from "node:crypto";

/** Bodies about one asset, as Cloudinary sends them since 2024; `at` is a second, or a fraction of one. */
export function assetBodies(publicId = "loose/jug", given: { type?: string; id?: string } = {}) {
  const asset_id = given.id ?? randomBytes(16).toString("hex");
  const type = given.type ?? "upload";
  const self = { asset_id, public_id: publicId, resource_type: "image", type };
  return {
    id: asset_id,
    upload: (version: number, more: Record<string, unknown> = {}) => ({
      notification_type: "upload",
      ...self,
      version,
      format: "jpg",
      width: 800,
      height: 600,
      bytes: 48_211,
      tags: [],
      secure_url: url(`v${version}/${publicId}.jpg`, type),
      ...triggered(version),
      ...more,
    }),
    /** Without the fields that real ones lack: no version, type, tags or metadata. */
    eager: (version: number, steps: (string | { failed: string })[], more: Record<string, unknown> = {}) => ({
      notification_type: "eager",
      asset_id,
      public_id: publicId,
      batch_id: randomBytes(32).toString("hex"),
      eager: steps.map((step) =>
        typeof step === "string"
          ? {
              transformation: step,
              width: 100,
              height: 75,
              bytes: 900,
              format: "jpg",
              secure_url: url(`${step}/v${version}/${publicId}.jpg`, type),
            }
          : { transformation: step.failed, status: "failed", reason: "Unsupported format" },
      ),
      ...triggered(version),
      ...more,
    }),
    rename: (to: string, at: number) => ({
      notification_type: "rename",
      asset_id,
      resource_type: "image",
      type,
      from_public_id: publicId,
      to_public_id: to,
      ...triggered(at),
    }),
    remove: (version: number | null, at: number | null) => ({
      notification_type: "delete",
      resources: [{ ...self, ...(version !== null && { version }) }],
      ...(at !== null && triggered(at)),
    }),
    restore: (at: number) => ({ notification_type: "restore_asset_version", ...self, ...triggered(at) }),
    metadata: (previous: object, next: unknown, at: number) => ({
      notification_type: "resource_metadata_changed",
      resources: { [publicId]: { ...noName(self), previous_metadata: previous, new_metadata: next } },
      ...triggered(at),
    }),
    context: (change: object, at: number) => ({
      notification_type: "resource_context_changed",
      resources: { [publicId]: { ...noName(self), added: {}, removed: [], updated: {}, ...change } },
      ...triggered(at),
    }),
    tags: (added: string[], removed: string[], at: number) => ({
      notification_type: "resource_tags_changed",
      resources: [{ ...self, added, removed }],
      ...triggered(at),
    }),
    move: (to: string, at: number) => ({
      notification_type: "move",
      resources: { [publicId]: { ...noName(self), from_asset_folder: "", to_asset_folder: to } },
      ...triggered(at),
    }),
    displayName: (to: string, at: number) => ({
      notification_type: "resource_display_name_changed",
      resources: { [publicId]: { ...noName(self), previous_display_name: "", new_display_name: to } },
      ...triggered(at),
    }),
    moderation: (kind: string, status: string, version: number, at: number) => ({
      notification_type: "moderation",
      asset_id,
      public_id: publicId,
      version,
      moderation_kind: kind,
      moderation_status: status,
      moderation_updated_at: iso(at),
      secure_url: url(`v${version}/${publicId}.jpg`, type),
    }),
    access: (rules: object[], at: number) => ({
      notification_type: "access_control_changed",
      resources: [{ ...self, previous_access_control: [], new_access_control: rules }],
      ...triggered(at),
    }),
  };
}

export function iso(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}

function triggered(at: number) {
  return { notification_context: { triggered_at: iso(at), triggered_by: { source: "api", id: "1" } } };
}

function url(rest: string, type: string): string {
  return `https://res.cloudinary.com/demo/image/${type}/${rest}`;
}

function noName({ public_id: _, ...rest }: { public_id: string; asset_id: string }) {
  return rest;
}
