import { svgIcons } from "../../samples.ts";
import { check, checkThat } from "../check.ts";
import { dataUri, visit } from "../cloud.ts";
import type { Flow } from "../flow.ts";

export const sprite: Flow = {
  id: "F2",
  title: "Sprite of icons",
  async play(stage) {
    const { uploader } = stage.cloud;
    const tag = stage.name("icons");
    const icons = svgIcons();
    for (const { name, bytes } of icons)
      await uploader.upload(dataUri(bytes), { public_id: stage.name(name), tags: [tag] });
    await uploader.generate_sprite(tag, { notification_url: `${stage.url}/webhooks` });
    stage.sent(`${icons.length} SVG icons, generate_sprite`);

    const { links, pictures } = (await stage.arrival({ type: "sprite", publicId: tag })).shown;
    check("links in the console", {
      expected: ["css", "image", "json"],
      seen: links.map(({ label }) => label).sort(),
    });
    const [css, image, json] = await Promise.all(
      ["css", "image", "json"].map((label) => visit(links.find((link) => link.label === label)?.url ?? "")),
    );
    check("type of the image", { expected: [200, "image/png"], seen: [image?.status, image?.type] });
    const styles = String(css?.bytes);
    const table = String(json?.bytes);
    for (const { name } of icons) {
      const isNamed = styles.includes(`${name} {`) && table.includes(`/${name}"`);
      checkThat("icons in the style sheet and the table", isNamed, { expected: name, seen: [styles, table] });
    }
    checkThat("pictures in the console", pictures.length > 0, {
      expected: "at least the sheet",
      seen: pictures,
    });
    stage.done("CSS, image and JSON can be opened");
  },
};
