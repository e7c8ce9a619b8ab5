import { productsOfAssets } from "../../../handlers/pim/products-of-assets.ts";
import type { Db } from "../../../lib/database/pool.ts";
import type { CloudinaryNotification } from "../../../lib/notifications/notification.ts";
import { parse } from "../../../lib/notifications/parse.ts";
import { ceiling } from "../../../lib/shared/ceiling.ts";
import { settings } from "../../../settings.ts";
import { maxBodyBytes, smallPicture, thumbnailOf } from "../thumbnail.ts";
import { endOf, fileNameIn, happenedIn, happenedOfType, nameOfAsset } from "./happened.ts";

/** What a list shows of a notification in words and pictures. */
export interface Described {
  /** The display name, else alternative text, file name or end of the public id. null if it names no asset, or several. */
  name: string | null;
  /** What happened, in a few words: "2 formats are ready". */
  happened: string;
  fileName: string | null;
  /** The products of its asset. */
  skus: string[];
  /** A picture of its asset. */
  thumbnail: string | null;
  /** The first pictures, if it names several assets. */
  thumbnails: { small: string }[];
  /** `image`, `video`, `raw`, or null if unknown. */
  resourceType: string | null;
  /** Not public by its delivery type. */
  restricted: boolean;
}

/** A row with its body; null if the body is too large to be read for a list. */
export interface Bodied {
  body: Uint8Array | null;
  signedAt: Date | null;
}

export interface Source extends Bodied {
  type: string;
  publicId: string | null;
  assetId: string | null;
  receivedAt: Date;
  byPublicHook: boolean;
  assets: number;
  erased: boolean;
}

/** The columns of `notifications n` that a row needs in addition to its type and public id. */
export const describedColumns = `
n.asset_id as "assetId", n.received_at as "receivedAt", n.by_public_hook as "byPublicHook", n.erased_at is not null as erased,
case when n.type = 'rename' then 0 else (select count(*)::int from notification_asset a where a.notification_id = n.id) end as assets,
case when octet_length(n.body) <= ${maxBodyBytes} then n.body end as body, n.signed_at as "signedAt"`;

const maxThumbnails = 3;

/** Describes the rows of a page: what their bodies say, with what the PIM handler knows about their assets. */
export async function describe(db: Db, rows: readonly Source[]): Promise<(index: number) => Described> {
  const known = await productsOfAssets(
    db,
    rows.flatMap(({ assetId }) => assetId ?? []),
  );
  const described = rows.map((row) => {
    const products = row.assetId === null ? undefined : known.get(row.assetId);
    return { ...inWords(row, products?.displayName ?? null), skus: products?.skus ?? [] };
  });
  return (index) => described[index] ?? { ...plain, skus: [] };
}

const plain: Omit<Described, "skus"> = {
  name: null,
  happened: "",
  fileName: null,
  thumbnail: null,
  thumbnails: [],
  resourceType: null,
  restricted: false,
};

function inWords(row: Source, displayName: string | null): Omit<Described, "skus"> {
  const lastPart = row.publicId === null ? null : endOf(row.publicId);
  if (row.erased) return { ...plain, happened: "Erased" };
  const parsed = row.body && parse(row.body, ceiling(row.signedAt ?? row.receivedAt, settings));
  if (!parsed?.ok) {
    const thumbnail = row.body && thumbnailOf(row.body);
    return { ...plain, name: displayName ?? lastPart, happened: happenedOfType(row.type), thumbnail };
  }
  const { notification } = parsed;
  const fileName = fileNameIn(notification);
  const [asset, ...more] = notification.assets;
  const isAlone = asset !== undefined && more.length === 0;
  const named = isAlone ? nameOfAsset(asset, fileName) : null;
  return {
    name:
      isAlone && named === lastPart ? (displayName ?? named) : (named ?? (row.assets > 1 ? null : lastPart)),
    happened: happenedIn(notification, { byVisitor: row.byPublicHook }),
    fileName,
    thumbnail: row.body && thumbnailOf(row.body),
    thumbnails: more.length === 0 ? [] : smallPictures(notification),
    resourceType: asset?.resource_type || null,
    restricted: isAlone && asset.type !== undefined && ["private", "authenticated"].includes(asset.type),
  };
}

function smallPictures({ assets }: CloudinaryNotification): Described["thumbnails"] {
  return assets.slice(0, maxThumbnails).flatMap(({ secure_url: url, public_id: publicId }) => {
    const small = url === undefined ? null : smallPicture(url, publicId);
    return small === null ? [] : { small };
  });
}
