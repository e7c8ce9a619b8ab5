import type { Asset, Name, State } from "./state.ts";

/**
 * Finds assets by name and id without a scan. It detects assets that are pushed to `state.assets` and a replaced list;
 * code that removes or renames an asset must call `rebuild`.
 */
export function assetIndex(state: State) {
  let indexed: Asset[] = [];
  let count = 0;
  let last: Asset | undefined;
  let lastSerial = 0;
  const names = new Map<string, Asset>();
  const ids = new Map<string, Asset>();

  function follow(): void {
    if (state.assets !== indexed || (count > 0 && state.assets[count - 1] !== last)) {
      indexed = state.assets;
      count = 0;
      names.clear();
      ids.clear();
    }
    for (; count < indexed.length; count += 1) {
      const asset = indexed[count];
      if (asset === undefined) continue;
      names.set(keyOf(asset), asset);
      ids.set(asset.asset_id, asset);
      lastSerial = Math.max(lastSerial, asset.serial);
      last = asset;
    }
  }

  return {
    byName(name: Name): Asset | undefined {
      follow();
      return names.get(keyOf(name));
    },
    byId(assetId: string): Asset | undefined {
      follow();
      return ids.get(assetId);
    },
    nextSerial(): number {
      follow();
      return lastSerial + 1;
    },
    rebuild(): void {
      indexed = [];
    },
  };
}

/** Encodes a name as one unique key. */
export const keyOf = ({ resource_type, type, public_id }: Name): string =>
  `${resource_type}/${type}/${public_id}`;
