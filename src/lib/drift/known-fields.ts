/**
 * Fields that Cloudinary documents or is known to send, and that no schema uses. Paths as in findings. `*`: of any type.
 * A field that turns out to be regular is added here, or to its schema if a handler needs it.
 */
const known = new Map<string, readonly string[]>([
  ["*", ["api_key", "signature", "etag", "version_id", "batch_id", "requester_ip", "public_id", "source"]],
  [
    "upload",
    [
      "access_control",
      "access_mode",
      "accessibility_analysis",
      "asset_folder",
      "audio",
      "bit_rate",
      "cinemagraph_analysis",
      "colors",
      "coordinates",
      "delete_token",
      "done",
      "faces",
      "frame_rate",
      "grayscale",
      "illustration_score",
      "image_metadata",
      "info",
      "is_audio",
      "last_updated",
      "media_metadata",
      "moderation[].response",
      "nb_frames",
      "original_extension",
      "phash",
      "playback_url",
      "predominant",
      "quality_analysis",
      "quality_score",
      "responsive_breakpoints",
      "rotation",
      "semi_transparent",
      "status",
      "uploaded_at",
      "video",
    ],
  ],
  ["analyze", ["error.details"]],
  ["error", ["status"]],
  ["generate_archive", ["created_at", "placeholder"]],
]);

/** Whether a field that is in no schema is regular nevertheless. */
export function isKnownField(type: string, path: string): boolean {
  return (known.get(type)?.includes(path) ?? false) || (known.get("*")?.includes(path) ?? false);
}
