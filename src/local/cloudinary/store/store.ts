import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Asset, emptyState, type ResourceType, type State, stateSchema } from "./state.ts";

export class StateUnreadable extends Error {
  override name = "StateUnreadable";
}

/** An asset's name: what the API calls are addressed to. */
export interface Name {
  resource_type: ResourceType;
  type: string;
  public_id: string;
}

export type Store = Awaited<ReturnType<typeof openStore>>;

/** Opens what is under `dataDir`: `state.json` and the bytes in `files/`. */
export async function openStore(dataDir: string) {
  const files = join(dataDir, "files");
  const stateFile = join(dataDir, "state.json");
  await mkdir(files, { recursive: true });
  const state = await readState(stateFile);
  const save = saver(stateFile, state);

  const find = (name: Name): Asset | undefined =>
    state.assets.find(
      (asset) =>
        asset.public_id === name.public_id &&
        asset.type === name.type &&
        asset.resource_type === name.resource_type,
    );

  return {
    state,
    /** Resolves when what stands in `state` now is on the disk. */
    save,
    find,
    byAssetId: (assetId: string): Asset | undefined =>
      state.assets.find((asset) => asset.asset_id === assetId),
    nextSerial: (): number => 1 + state.assets.reduce((most, asset) => Math.max(most, asset.serial), 0),
    /** Writes bytes under a new name and returns it. */
    async keep(bytes: Uint8Array, extension: string): Promise<string> {
      const name = `${randomBytes(12).toString("hex")}${extension === "" ? "" : `.${extension}`}`;
      await writeFile(join(files, name), bytes);
      return name;
    },
    read: (file: string): Promise<Buffer> => readFile(join(files, file)),
    /** Takes an asset out of the state and its bytes off the disk. */
    async remove(asset: Asset): Promise<void> {
      const at = state.assets.indexOf(asset);
      if (at === -1) return;
      state.assets.splice(at, 1);
      await Promise.all([asset.file, ...asset.derived.map((one) => one.file)].map(drop));
    },
    /** Forgets generated variants, for example after the original changed. */
    async dropDerived(asset: Asset): Promise<void> {
      const gone = asset.derived;
      asset.derived = [];
      await Promise.all(gone.map((one) => drop(one.file)));
    },
    drop,
  };

  function drop(file: string): Promise<void> {
    return rm(join(files, file), { force: true });
  }
}

export const newId = (): string => randomBytes(16).toString("hex");
export const etagOf = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");

async function readState(file: string): Promise<State> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return emptyState();
    throw error;
  }
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new StateUnreadable(
      `${file} cannot be read. Move its folder away to start the local Cloudinary empty.`,
      { cause },
    );
  }
}

/** Writes one after the other, by rename; calls made during a write share the next one. */
function saver(file: string, state: State): () => Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= writing.then(async () => {
      next = undefined;
      await writeFile(`${file}.new`, JSON.stringify(state));
      await rename(`${file}.new`, file);
    });
    writing = next.catch(() => undefined);
    return next;
  };
}
