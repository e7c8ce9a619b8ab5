import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { assetIndex, keyOf } from "./asset-index.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import {
  type Asset,
  assetsFormat,
  emptyState,
  type Name,
  type State,
  stateSchema,
  trustedStateSchema,
} from "./state.ts";

export class StateUnreadable extends Error {
  override name = "StateUnreadable";
}

export type Store = Awaited<ReturnType<typeof openStore>>;

/** Opens the data in `dataDir`: `state.json` and the bytes in `files/`. */
export async function openStore(dataDir: string) {
  const files = join(dataDir, "files");
  const stateFile = join(dataDir, "state.json");
  await mkdir(files, { recursive: true });
  const state = await readState(stateFile);
  const { save, flush } = saver(stateFile, state);
  const index = assetIndex(state);
  const exclusively = oneAtATime();

  return {
    state,
    /** Call after each change. A small state is on disk when this resolves; a large one shortly after. */
    save,
    /** Resolves when the current `state` is on disk. */
    flush,
    find: (name: Name): Asset | undefined => index.byName(name),
    byAssetId: (assetId: string): Asset | undefined => index.byId(assetId),
    nextSerial: (): number => index.nextSerial(),
    /** Runs a task that checks and then takes a name, exclusively for that name. */
    withName: <T>(name: Name, work: () => Promise<T>): Promise<T> => exclusively(keyOf(name), work),
    /** Renames an asset or changes its delivery type. */
    rename(asset: Asset, to: Partial<Name>): void {
      Object.assign(asset, to);
      index.rebuild();
    },
    /** Writes bytes to a new file and returns its name. */
    async keep(bytes: Uint8Array, extension: string): Promise<string> {
      const name = `${randomBytes(12).toString("hex")}${extension === "" ? "" : `.${extension}`}`;
      await writeFile(join(files, name), bytes);
      return name;
    },
    read: (file: string): Promise<Buffer> => readFile(join(files, file)),
    /** Removes an asset from the state, and its files except those named. */
    async remove(asset: Asset, keep: ReadonlySet<string> = new Set()): Promise<void> {
      const at = state.assets.indexOf(asset);
      if (at === -1) return;
      state.assets.splice(at, 1);
      index.rebuild();
      const gone = [asset, ...asset.derived, ...asset.versions].map((stored) => stored.file);
      await Promise.all(gone.filter((file) => !keep.has(file)).map(drop));
    },
    /** Removes generated variants, for example after the original changed. */
    async dropDerived(asset: Asset): Promise<void> {
      const gone = asset.derived;
      asset.derived = [];
      await Promise.all(gone.map((stored) => drop(stored.file)));
    },
    drop,
  };

  async function drop(file: string): Promise<void> {
    if (file !== "") await rm(join(files, file), { force: true });
  }
}

export const newId = (): string => randomBytes(16).toString("hex");
export const etagOf = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");

const formatOf = z.object({ assets_format: z.number().optional() });

async function readState(file: string): Promise<State> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return emptyState();
    throw error;
  }
  try {
    const state: unknown = JSON.parse(text);
    const { assets_format } = formatOf.parse(state);
    const schema = assets_format === assetsFormat ? trustedStateSchema : stateSchema;
    return { ...schema.parse(state), assets_format: assetsFormat };
  } catch (cause) {
    throw new StateUnreadable(
      `${file} cannot be read. Move its folder away to start the local Cloudinary empty.`,
      { cause },
    );
  }
}

/** If a write takes longer than this, later calls answer before their state is on disk. */
const slowWriteMs = 20;
/** Limits writes of a large state to about a tenth of the time. */
const restPerWrite = 10;

/** Writes sequentially, each by an atomic rename. Calls made during a write share the next one. */
function saver(file: string, state: State): { save(): Promise<void>; flush(): Promise<void> } {
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  let lastMs = 0;
  let lastEnd = 0;
  let wakeUp: (() => void) | undefined;
  /** A caller waits for the next write: it began to wait before the write in front of it turned out to be slow. */
  let awaited = false;

  async function write(): Promise<void> {
    const rest = lastMs > slowWriteMs && !awaited ? lastEnd + lastMs * restPerWrite - Date.now() : 0;
    if (rest > 0) await pause(rest);
    next = undefined;
    awaited = false;
    const begun = Date.now();
    await writeFile(`${file}.new`, JSON.stringify(state));
    await rename(`${file}.new`, file);
    lastEnd = Date.now();
    lastMs = lastEnd - begun;
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  function schedule(): Promise<void> {
    next ??= writing.then(write);
    writing = next.catch(() => undefined);
    return next;
  }

  return {
    async save() {
      const written = schedule();
      if (lastMs <= slowWriteMs) {
        awaited = true;
        await written;
      }
      // The error reaches callers of `flush`.
      else written.catch(() => undefined);
    },
    async flush() {
      const written = schedule();
      wakeUp?.();
      await written;
    },
  };
}
