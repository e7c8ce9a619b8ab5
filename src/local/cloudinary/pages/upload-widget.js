// Emulates Cloudinary's Upload Widget script as far as an unsigned upload needs it:
// `cloudinary.createUploadWidget(options, callback)` with `open`, `close` and `destroy`. The callback gets (error, {
// event, info }) with the events "display-changed", "success" and "close".
(() => {
  const { origin, searchParams } = new URL(document.currentScript.src);
  // A sandboxed page has an opaque origin; this proves to the local Cloudinary that the page is the receiver's.
  const token = searchParams.get("token");

  async function send(file, options) {
    const form = new FormData();
    form.append("file", file);
    form.append("upload_preset", options.uploadPreset);
    if (options.tags) form.append("tags", [options.tags].flat().join(","));
    if (options.folder) form.append("folder", options.folder);
    if (options.publicId) form.append("public_id", options.publicId);
    const url = `${origin}/v1_1/${options.cloudName}/${options.resourceType ?? "auto"}/upload`;
    const headers = token ? { "x-local-widget": token } : {};
    const answer = await (await fetch(url, { method: "POST", body: form, headers })).json();
    if (answer.error) throw new Error(answer.error.message);
    return answer;
  }

  function dialog(onFiles, onClose) {
    const box = document.createElement("dialog");
    const input = Object.assign(document.createElement("input"), { type: "file", multiple: true });
    const hint = Object.assign(document.createElement("p"), {
      textContent: "Drop a picture or a video here, or",
    });
    const status = Object.assign(document.createElement("p"), { className: "status" });
    const close = Object.assign(document.createElement("button"), { textContent: "Close" });
    box.className = "local-upload-widget";
    status.setAttribute("role", "status");
    input.setAttribute("aria-label", "File to upload");
    box.append(hint, input, status, close);
    input.addEventListener("change", () => onFiles(input.files, status));
    box.addEventListener("dragover", (event) => event.preventDefault());
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      onFiles(event.dataTransfer.files, status);
    });
    close.addEventListener("click", () => box.close());
    box.addEventListener("close", onClose);
    document.body.append(box);
    return box;
  }

  function createUploadWidget(options, callback) {
    const upload = async (files, status) => {
      for (const file of files) {
        status.textContent = `Sending ${file.name} …`;
        try {
          const info = await send(file, options);
          status.textContent = `${file.name} arrived as ${info.public_id}.`;
          callback(null, { event: "success", info });
        } catch (error) {
          status.textContent = `${file.name}: ${error.message}`;
          callback({ status: error.message }, null);
        }
      }
    };
    let box;
    return {
      open() {
        box ??= dialog(upload, () => callback(null, { event: "close" }));
        box.showModal();
        callback(null, { event: "display-changed", info: "shown" });
      },
      close: () => box?.close(),
      destroy() {
        box?.remove();
        box = undefined;
      },
    };
  }

  window.cloudinary = { ...window.cloudinary, createUploadWidget };
})();
