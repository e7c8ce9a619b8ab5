import type { CloudinaryNotification } from "../notifications/notification.ts";
import { isLoopback } from "../shared/loopback.ts";

/** The cloud that this receiver acts for. */
export interface OwnCloud {
  /** null: no secret names a cloud, so there is nothing to tell apart. */
  cloudName: string | null;
  /** Hosts that deliver this cloud's assets (setting `moderation.ownHosts`). */
  hosts: readonly string[];
}

/**
 * Whether effects are allowed for what a notification says: the cloud that its signature vouches for and the cloud in each of its
 * delivery URLs must be ours. Public ids and even asset ids say nothing about the cloud, so without this the secret of another
 * cloud could delete an asset of ours. A body without a URL is about the cloud that its signature vouches for; where that is not
 * known (recorded before clouds were), it counts as ours.
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

/** Every delivery URL by which a notification shows one of its assets, or something derived from it. */
export function deliveryUrls(content: CloudinaryNotification): string[] {
  const assets = content.assets.flatMap(({ secure_url }) => secure_url ?? []);
  const derived = "derived" in content ? content.derived : [];
  return [...assets, ...derived.flatMap((made) => (made.kind === "ready" ? made.secure_url : []))];
}

const sharedHost = /^(?:a\d\.)?res(?:-\d)?\.cloudinary\.com$/;
const privateHost = /^([^.]+)-res(?:-\d)?\.cloudinary\.com$/;

/** A name in the path counts only on a host where Cloudinary put it; anybody can have a path with our name on a host of theirs. */
function isOwnUrl(
  url: string,
  { cloudName, hosts }: { cloudName: string; hosts: readonly string[] },
): boolean {
  if (!URL.canParse(url)) return false;
  const parsed = new URL(url);
  const { hostname, pathname } = parsed;
  if (hosts.includes(hostname)) return true;
  const cloud =
    privateHost.exec(hostname)?.[1] ?? (hasCloudInPath(parsed) ? pathname.split("/")[1] : undefined);
  return cloud === cloudName;
}

/** Loopback is the local Cloudinary of `npm start`. */
function hasCloudInPath(url: URL): boolean {
  return sharedHost.test(url.hostname) || isLoopback(url);
}
