import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { notFound, RekognitionError } from "./errors.ts";
import type { FoundFace } from "./find-faces.ts";

const faceSchema = z.object({
  faceId: z.string(),
  imageId: z.string(),
  externalImageId: z.string().nullable(),
  box: z.object({ Left: z.number(), Top: z.number(), Width: z.number(), Height: z.number() }),
  code: z.number().nullable(),
  userId: z.string().nullable(),
});
export type StoredFace = z.output<typeof faceSchema>;

const collectionSchema = z.object({
  id: z.string(),
  createdAt: z.number(),
  faces: z.array(faceSchema),
  users: z.array(z.string()),
});
export type Collection = z.output<typeof collectionSchema>;

const stateSchema = z.array(collectionSchema);

export type Collections = Awaited<ReturnType<typeof openCollections>>;

/** The collections in `dataDir`; null: in memory only. */
export async function openCollections(dataDir: string | null) {
  const file = dataDir === null ? null : join(dataDir, "state.json");
  const state = file === null ? [] : await readState(file);
  let writing = Promise.resolve();

  return {
    state,
    find(id: string): Collection {
      const found = state.find((collection) => collection.id === id);
      if (!found) throw notFound(`The collection id: ${id}`);
      return found;
    },
    create(id: string): Collection {
      if (state.some((collection) => collection.id === id))
        throw new RekognitionError(
          "ResourceAlreadyExistsException",
          `The collection id: ${id} already exists`,
        );
      const made: Collection = { id, createdAt: Date.now(), faces: [], users: [] };
      state.push(made);
      return made;
    },
    /** Call after each change. */
    save(): Promise<void> {
      writing = writing.then(async () => {
        if (file === null || dataDir === null) return;
        await mkdir(dataDir, { recursive: true });
        await writeFile(`${file}.new`, JSON.stringify(state));
        await rename(`${file}.new`, file);
      });
      return writing;
    },
  };
}

async function readState(file: string): Promise<Collection[]> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** Stores the faces of an image. The same image with the same external id is not stored twice. */
export function indexFaces(
  collection: Collection,
  {
    bytes,
    externalImageId,
    faces,
  }: {
    bytes: Uint8Array;
    externalImageId: string | null;
    faces: readonly FoundFace[];
  },
): StoredFace[] {
  const imageId = idOf(
    collection.id,
    externalImageId ?? "",
    createHash("sha256").update(bytes).digest("hex"),
  );
  return faces.map(({ box, code }, at) => {
    const faceId = idOf(imageId, String(at));
    const known = collection.faces.find((face) => face.faceId === faceId);
    if (known) return known;
    const face: StoredFace = { faceId, imageId, externalImageId, box, code, userId: null };
    collection.faces.push(face);
    return face;
  });
}

/** Deterministic, in the form of a UUID. */
function idOf(...parts: string[]): string {
  const hex = createHash("sha256").update(parts.join("\n")).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}
