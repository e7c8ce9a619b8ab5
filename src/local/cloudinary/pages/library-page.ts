import { deliveryUrls } from "../delivery/delivery-url.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";
import { escaped, page } from "./page.ts";

/** Limits the page: thousands of pictures would block the browser. */
const maxShown = 200;

export function libraryPage(cloud: Cloud): Response {
  const { assets } = cloud.store.state;
  const shown = assets.slice(-maxShown).reverse();
  const cards = shown.map((asset) => card(cloud, asset)).join("\n");
  const rest = assets.length > shown.length ? ` The newest ${shown.length} are shown.` : "";
  return page(
    "Media Library (local)",
    `<form class="upload" method="post" action="${cloud.pageBase}/library/upload" enctype="multipart/form-data">
<input type="file" name="file" aria-label="File" required> <input name="public_id" aria-label="Public ID" placeholder="Public ID (optional)">
<input name="tags" aria-label="Tags" placeholder="Tags, comma-separated"> <button>Upload</button></form>
<p>${assets.length} ${assets.length === 1 ? "asset" : "assets"} in the cloud <b>${escaped(cloud.cloudName)}</b>.${rest} Your actions on this page send notifications to the global triggers.</p>
<div class="cards">${cards}</div>`,
  );
}

function card(cloud: Cloud, asset: Asset): string {
  const { secure_url } = deliveryUrls(cloud, asset);
  const pending = asset.moderation.some((entry) => entry.status === "pending");
  const facts = [
    `${asset.resource_type}/${asset.type}`,
    `v${asset.version}`,
    ...(asset.access_control === null
      ? []
      : [`access: ${asset.access_control.map((rule) => rule.access_type).join(", ")}`]),
    ...asset.moderation.map((one) => `${one.kind}: ${one.status}`),
    ...asset.tags.map((tag) => `#${tag}`),
    ...(asset.placeholder ? ["deleted; its backup can be restored"] : []),
  ];
  return `<div class="card">${preview(cloud, asset)}<b><a href="${escaped(secure_url)}">${escaped(asset.public_id)}</a></b>
<small>${facts.map(escaped).join(" · ")}</small>
${pending ? button(cloud, asset, "approve") + button(cloud, asset, "reject") : ""}${asset.placeholder ? "" : button(cloud, asset, "delete")}</div>`;
}

function preview({ pageBase }: Cloud, asset: Asset): string {
  if (asset.resource_type === "raw" || asset.placeholder) return '<div class="none">No preview</div>';
  const url = `${pageBase}/library/files/${asset.asset_id}`;
  return asset.resource_type === "video"
    ? `<video src="${url}" controls muted></video>`
    : `<img src="${url}" alt="" loading="lazy">`;
}

const labels = { approve: "Approve", reject: "Reject", delete: "Delete" };

const button = ({ pageBase }: Cloud, asset: Asset, action: keyof typeof labels): string =>
  `<form method="post" action="${pageBase}/library/${action}"><input type="hidden" name="asset_id" value="${asset.asset_id}"><button>${labels[action]}</button></form>`;
