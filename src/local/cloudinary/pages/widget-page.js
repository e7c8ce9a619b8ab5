// Script of the page /widget: opens the widget and lists its events.
(() => {
  const { cloudName, uploadPreset } = document.currentScript.dataset;
  const list = document.getElementById("done");
  const widget = window.cloudinary.createUploadWidget({ cloudName, uploadPreset }, (error, result) => {
    if (error) list.append(Object.assign(document.createElement("li"), { textContent: error.status }));
    if (result?.event !== "success") return;
    const link = Object.assign(document.createElement("a"), {
      href: result.info.secure_url,
      textContent: result.info.public_id,
    });
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  });
  document.getElementById("open").addEventListener("click", () => widget.open());
})();
