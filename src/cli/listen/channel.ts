import { createHash } from "node:crypto";

/**
 * The channel of this machine and folder: the same at each start, so that a trigger that was left behind is found again. Any names
 * fit: what a URI cannot hold is left out, and a part of the hash of both keeps names apart that look the same then.
 */
export function channelOf(machine: string, folder: string): string {
  const name = folder.split(/[\\/]/).findLast((part) => part !== "") ?? "";
  const hash = createHash("sha256").update(`${machine}\0${folder}`).digest("hex").slice(0, 8);
  return `webhooks-listen/${slug(machine) || "machine"}/${slug(name) || "folder"}-${hash}`;
}

function slug(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-|-$/g, "");
}
