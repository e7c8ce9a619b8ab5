import sharp from "sharp";
import { encode, type Frame, frameOf } from "./cloudinary/media/picture.ts";

/** Generated sample media without third-party rights: small, and identical on every run with the same sharp version. */

export const productPicture = (colour = "#c2603f"): Promise<Buffer> => png(product(colour), 480);

/** A dot in a ring on a transparent background, as a watermark. */
export const logo = (): Promise<Buffer> =>
  png(
    '<circle cx="60" cy="60" r="54" fill="none" stroke="#204060" stroke-width="10"/><circle cx="60" cy="60" r="30" fill="#204060"/>',
    120,
  );

const icons = {
  email: '<path d="M2 5h20v14H2z M2 6l10 7 10-7" fill="none" stroke="#234" stroke-width="2"/>',
  home: '<path d="M3 11l9-8 9 8 M5 10v11h14V10" fill="none" stroke="#234" stroke-width="2"/>',
  star: '<path d="M12 2l3 7h7l-6 4 3 8-7-5-7 5 3-8-6-4h7z" fill="#234"/>',
};

/** Three SVG icons of 24 pixels, by name. */
export const svgIcons = (): { name: string; bytes: Buffer }[] =>
  Object.entries(icons).map(([name, drawing]) => ({ name, bytes: svg(drawing, 24) }));

/** A rolling ball in six frames. */
export const animatedGif = async (): Promise<Buffer> => encode(await rolling("#3f7fc2"), "gif");

/** The same as a video (WebM) that browsers can play. `colour` creates different videos. */
export const video = async (colour = "#2f9e62"): Promise<Buffer> => encode(await rolling(colour), "webm");

function product(colour: string): string {
  return `<rect width="480" height="480" fill="#f4efe6"/><ellipse cx="240" cy="425" rx="110" ry="16" fill="#ddd3c2"/>
    <path d="M200 70h80v50c0 40 80 90 80 180 0 80-55 125-120 125s-120-45-120-125c0-90 80-140 80-180z" fill="${colour}"/>
    <path d="M190 62h100v22H190z" fill="#8c4229"/><path d="M150 290c40 30 140 30 180 0" fill="none" stroke="#f4efe6" stroke-width="10"/>`;
}

async function rolling(colour: string): Promise<Frame[]> {
  const frames: Frame[] = [];
  for (let at = 0; at < 6; at += 1) {
    const ball = `<rect width="160" height="160" fill="#fbf8f2"/><circle cx="${25 + at * 22}" cy="${120 - Math.abs(3 - at) * 12}" r="22" fill="${colour}"/>`;
    frames.push(await frameOf(sharp(svg(ball, 160)), 200));
  }
  return frames;
}

const png = (drawing: string, size: number): Promise<Buffer> => sharp(svg(drawing, size)).png().toBuffer();

const svg = (drawing: string, size: number): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}">${drawing}</svg>`);
