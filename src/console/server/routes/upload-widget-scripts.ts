/** Runs in the sandboxed frame: opens the widget and reports uploads to the surrounding page. */
export const framedScript = `(() => {
  const { cloudName, uploadPreset } = document.currentScript.dataset;
  // A sandboxed page cannot check its parent; its content security policy allows only this site.
  const tell = (message) => parent.postMessage(message, "*");
  if (!window.cloudinary) {
    tell({ trouble: "The widget script could not be loaded." });
    return;
  }
  const widget = window.cloudinary.createUploadWidget({ cloudName, uploadPreset }, (error, result) => {
    if (error) tell({ trouble: String(error.status || error.statusText || "The upload failed.") });
    else if (result.event === "success")
      tell({ assetId: String(result.info.asset_id), publicId: String(result.info.public_id) });
  });
  document.getElementById("open").addEventListener("click", () => widget.open());
})();
`;

/** Runs in the surrounding page: polls for the record of an upload. Data from the frame is only displayed as text and used in requests. */
export const outerScript = `(() => {
  const frame = document.getElementById("widget");
  const list = document.getElementById("arrived");
  const trouble = document.getElementById("trouble");
  async function recordOf(assetId) {
    for (let tries = 0; tries < 30; tries += 1) {
      const answer = await fetch("/api/notifications?type=upload&assetId=" + encodeURIComponent(assetId));
      if (answer.status === 401) return null;
      const [first] = answer.ok ? (await answer.json()).notifications : [];
      if (first) return first;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    return null;
  }
  window.addEventListener("message", async ({ source, data }) => {
    if (source !== frame.contentWindow) return;
    trouble.textContent = typeof data?.trouble === "string" ? data.trouble : "";
    if (typeof data?.assetId !== "string" || typeof data.publicId !== "string") return;
    const item = document.createElement("li");
    item.textContent = data.publicId + ": uploaded, waiting for the notification…";
    list.append(item);
    const record = await recordOf(data.assetId);
    if (!record) {
      item.textContent = data.publicId + ": uploaded, but no notification was received within 30 seconds.";
      return;
    }
    const link = document.createElement("a");
    link.href = "/console/notifications/" + record.id;
    link.textContent = data.publicId + ": received";
    item.replaceChildren(link);
  });
})();
`;
