import * as z from "zod";
import { asset, assetsOf } from "../asset.ts";
import { define, wire } from "../define.ts";
import { imageInfo, readImages } from "../images.ts";
import { assetFields, descriptionFields, keyed } from "../wire.ts";

const text = z.string().nullish();

export const explode = define("explode", {
  when: "the pages or frames of an asset are ready",
  carries: "`images`, one for each page; `batchId`",
  schema: wire("explode", {
    ...assetFields,
    pages: z.number().nullish(),
    batch_id: text,
    image_infos: keyed(imageInfo),
  }),
  read: (body) => ({
    assets: assetsOf(body),
    images: readImages(body.image_infos),
    batchId: body.batch_id ?? undefined,
  }),
});

export const sprite = define("sprite", {
  when: "a sprite is ready",
  carries: "`images` with their position in the sprite; `links` to its picture, CSS and JSON",
  schema: wire("sprite", {
    ...assetFields,
    css_url: text,
    image_url: text,
    json_url: text,
    secure_css_url: text,
    secure_image_url: text,
    secure_json_url: text,
    image_infos: keyed(imageInfo),
  }),
  read: (body) => {
    const image = body.secure_image_url ?? body.image_url ?? undefined;
    const links = {
      image,
      css: body.secure_css_url ?? body.css_url ?? undefined,
      json: body.secure_json_url ?? body.json_url ?? undefined,
    };
    return {
      assets: assetsOf({ ...body, secure_url: body.secure_url ?? image }),
      images: readImages(body.image_infos),
      links,
    };
  },
});

export const multi = define("multi", {
  when: "an animation or a document of several images is ready",
  carries: "the result as the only one of `assets`, with its `secure_url`",
  schema: wire("multi", { ...assetFields, public_id: z.string() }),
  read: (body) => ({ assets: [asset(body)] }),
});

/** In Cloudinary's list of types, but its body is unknown: read as the response of the call that creates archives. */
export const archive = define("generate_archive", {
  when: "an archive is ready",
  carries: "the archive as the only one of `assets`; the number of `files` and `resources` in it",
  schema: wire("generate_archive", {
    ...assetFields,
    ...descriptionFields,
    file_count: z.number().nullish(),
    resource_count: z.number().nullish(),
  }),
  read: (body) => ({
    assets: assetsOf(body),
    files: body.file_count ?? undefined,
    resources: body.resource_count ?? undefined,
  }),
});
