import { isObject } from "../../shared/json.ts";

/** The result of an asynchronous add-on. Data of other kinds is passed on unchanged. */
export type Info =
  | { kind: "cloudinary_ai"; status: string; hints: string[]; fineEdges: boolean; confidence?: number }
  | { kind: "google_video_tagging"; status: string; tags: VideoTag[] }
  | { kind: "other"; name: string; status: string; data: unknown };

export interface VideoTag {
  tag: string;
  categories: string[];
  confidence?: number;
  startSeconds?: number;
  endSeconds?: number;
}

/** `status` is `complete` for a success. Other values are not documented, so they mean failed or unfinished. */
export function readInfo(kind: string, status: string, data: unknown): Info {
  if (kind === "cloudinary_ai") return { kind, status, ...readBackgroundRemoval(data) };
  if (kind === "google_video_tagging")
    return { kind, status, tags: Array.isArray(data) ? data.flatMap(readVideoTag) : [] };
  return { kind: "other", name: kind, status, data };
}

function readBackgroundRemoval(data: unknown) {
  const wire = isObject(data) ? data : {};
  const confidence = wire.confidence_score;
  return {
    hints: texts(wire.cloudinary_ai_hints),
    fineEdges: wire.cloudinary_ai_fine_edges === true,
    ...(typeof confidence === "number" && { confidence }),
  };
}

function readVideoTag(entry: unknown): VideoTag[] {
  if (!isObject(entry) || typeof entry.tag !== "string") return [];
  const { tag, confidence, start_time_offset: start, end_time_offset: end } = entry;
  return [
    {
      tag,
      categories: texts(entry.categories),
      ...(typeof confidence === "number" && { confidence }),
      ...(typeof start === "number" && { startSeconds: start }),
      ...(typeof end === "number" && { endSeconds: end }),
    },
  ];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
