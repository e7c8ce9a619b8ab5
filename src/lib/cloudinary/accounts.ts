import type { CloudinaryAccount, Config } from "../../config.types.ts";
import type { Handler } from "../deliveries/handler.ts";
import { cloudInId, prefixOf } from "../shared/asset-prefix.ts";
import type { OwnCloud } from "./belongs-to-account.ts";

type Accounts = Pick<Config, "accounts" | "ownCloud">;

/**
 * The account of a notification's cloud; null if there are no credentials for it. A notification whose cloud is unknown is treated as one
 * of the first cloud.
 */
export function accountOf({ accounts, ownCloud }: Accounts, cloud: string | null): CloudinaryAccount | null {
  const name = cloud ?? ownCloud;
  if (name === null) return accounts[0] ?? null;
  return accounts.find(({ cloudName }) => cloudName === name) ?? null;
}

/** The handler of each cloud, made for its first notification. */
export function perCloud(
  config: Accounts,
  make: (own: { account: CloudinaryAccount | null; cloudName: string | null }) => Handler,
): Handler["handle"] {
  const made = new Map<string | null, Handler>();
  return async (notification, context) => {
    const cloudName = ownCloudFor(config, notification.cloud);
    const handler = made.get(cloudName) ?? make({ account: accountOf(config, cloudName), cloudName });
    made.set(cloudName, handler);
    return await handler.handle(notification, context);
  };
}

/** The account of an asset, by its id inside the receiver. */
export const accountOfAsset = (accounts: Accounts, assetId: string): CloudinaryAccount | null =>
  accountOf(accounts, cloudInId(assetId));

/**
 * The cloud whose assets a notification may be about: that of its signature if there are credentials for it, else the first one, to which
 * it then does not belong (`belongsToAccount`).
 */
export const ownCloudFor = ({ accounts, ownCloud }: Accounts, cloud: string | null): string | null =>
  accounts.find(({ cloudName }) => cloudName === cloud)?.cloudName ?? ownCloud;

/** What a message needs to show what a notification of a cloud is about. */
export interface MessageCloud {
  /** Signs the URLs of pictures that are not public. */
  cloudinary: CloudinaryAccount | null;
  /** Pictures from other clouds are not shown. */
  own: OwnCloud;
  /** The name to show; null if there is only one cloud. */
  shownName: string | null;
}

export type CloudOf = (cloud: string | null) => MessageCloud;

interface KnownClouds {
  cloudinary?: CloudinaryAccount | null;
  ownCloud?: string | null;
  accounts?: readonly CloudinaryAccount[];
}

export function messageClouds(
  { cloudinary = null, ownCloud = null, accounts = cloudinary ? [cloudinary] : [] }: KnownClouds,
  hosts: readonly string[],
): CloudOf {
  const all = { accounts, ownCloud };
  return (cloud) => ({
    cloudinary: accountOf(all, cloud),
    own: { cloudName: ownCloudFor(all, cloud), hosts },
    shownName: accounts.length > 1 ? (cloud ?? ownCloud) : null,
  });
}

/** The prefixes of asset ids that this receiver may have recorded, '' for the first cloud (asset-prefix.ts). */
export function prefixesOf({
  accounts,
  secrets,
  ownCloud,
}: Pick<Config, "accounts" | "secrets" | "ownCloud">): string[] {
  const names = [...accounts.map(({ cloudName }) => cloudName), ...secrets.map(({ cloud }) => cloud)];
  return [...new Set(["", ...names.map((cloud) => prefixOf(cloud, ownCloud))])];
}
