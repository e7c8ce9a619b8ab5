import type { CloudinaryNotification } from "../notifications/notification.ts";
import { isLoopback } from "../shared/loopback.ts";

/** The receiver's own cloud. */
export interface OwnCloud {
  /** null if no secret has a cloud, so that clouds cannot be distinguished. */
  cloudName: string | null;
  /** Custom hosts that deliver this cloud's assets (setting `moderation.ownHosts`); `cloud:host` names one of several clouds. */
  hosts: readonly string[];
}

/**
 * Whether a notification may have effects: the cloud of its signature and the cloud in each of its delivery URLs must be the
 * receiver's own. Public ids and asset ids do not contain the cloud, so without this check the secret of another cloud could delete
 * one of our assets. A body without a URL belongs to the cloud of its signature. If that is unknown (in records from before the
 * cloud was stored), the notification is treated as our own.
 */
export function belongsToAccount(
  { cloud, urls }: { cloud: string | null; urls: readonly string[] },
  own: OwnCloud,
): boolean {
  const { cloudName, hosts } = own;
  return (
    isSignedForAccount(cloud, own) &&
    (cloudName === null || urls.every((url) => isOwnUrl(url, { cloudName, hosts })))
  );
}

export function isSignedForAccount(cloud: string | null, { cloudName }: OwnCloud): boolean {
  return cloudName === null || cloud === null || cloud === cloudName;
}

/** All delivery URLs of assets and derived assets in a notification. */
export function deliveryUrls(content: CloudinaryNotification): string[] {
  const assets = content.assets.flatMap(({ secure_url }) => secure_url ?? []);
  const derived = "derived" in content ? content.derived : [];
  return [...assets, ...derived.flatMap((made) => (made.kind === "ready" ? made.secure_url : []))];
}

const sharedHost = /^(?:a\d\.)?res(?:-\d)?\.cloudinary\.com$/;
const privateHost = /^([^.]+)-res(?:-\d)?\.cloudinary\.com$/;

/** The cloud name in the path counts only on Cloudinary's hosts: any other host can use our name in a path. */
function isOwnUrl(
  url: string,
  { cloudName, hosts }: { cloudName: string; hosts: readonly string[] },
): boolean {
  if (!URL.canParse(url)) return false;
  const parsed = new URL(url);
  const { hostname, pathname } = parsed;
  if (hosts.includes(hostname) || hosts.includes(`${cloudName}:${hostname}`)) return true;
  const cloud =
    privateHost.exec(hostname)?.[1] ?? (hasCloudInPath(parsed) ? pathname.split("/")[1] : undefined);
  return cloud === cloudName;
}

/** Loopback is the Cloudinary emulator of `npm start`. */
function hasCloudInPath(url: URL): boolean {
  return sharedHost.test(url.hostname) || isLoopback(url);
}
