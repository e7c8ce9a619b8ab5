import { createHash } from "node:crypto";
import sharp from "sharp";

/**
 * Drawn people. A portrait carries who it shows in the cells of a headband, which `find-faces.ts` reads, also after scaling,
 * cropping and JPEG compression. Nobody real is shown, and pictures of real people have no headband.
 */
export interface Portrait {
  /** Anybody; the same text is the same person. */
  person: string;
  /** The left edge and the top of the face, and its width, in pixels. */
  left: number;
  top: number;
  width: number;
  /** The blur of the face, in pixels of a face that is 100 wide. */
  blur?: number;
}

/** The measures of a face that is 100 wide. */
export const face = { width: 100, height: 120 };
export const band = { left: 8, top: 22, width: 84, height: 22 };
export const cells = { left: 15, top: 26, columns: 7, rows: 2, width: 10, height: 7 };
export const bandColour = "#ff00ff";
/** 10 cells say who it is, 4 cells check them. */
export const codeBits = 10;
export const checkBits = 4;

/** The number in the headband of a person. */
export function codeOf(person: string): number {
  return createHash("sha256").update(person.normalize("NFC")).digest().readUInt16BE(0) % 2 ** codeBits;
}

/** The cells of a code, from the first one of the upper row; true is white. */
export function cellsOf(code: number): boolean[] {
  const bits = (code << checkBits) | checkOf(code);
  const count = codeBits + checkBits;
  return Array.from({ length: count }, (_, at) => ((bits >> (count - 1 - at)) & 1) === 1);
}

export function checkOf(code: number): number {
  return ((code * 11) ^ (code >> 3) ^ 0b1001) & (2 ** checkBits - 1);
}

const skins = ["#f1c9a5", "#e0ac7e", "#c98b5e", "#9c6541", "#6f4429"];
const hairs = ["#2b2118", "#5a3a1e", "#8a5a2b", "#b9a16b", "#77777d"];
const clothes = ["#2f6f8f", "#3f7f5f", "#8f6f2f", "#4f5f9f", "#7f4f3f"];

/** A picture with these people, side by side or anywhere, as PNG. Identical on every run with the same sharp version. */
export async function pictureOf(
  portraits: readonly Portrait[],
  { width, height }: { width: number; height: number },
): Promise<Buffer> {
  const room = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="#dfe8e4"/><rect y="${height * 0.8}" width="100%" height="${height * 0.2}" fill="#c4b8a6"/></svg>`;
  const people = await Promise.all(
    portraits.map(async (portrait) => ({
      input: await drawn(portrait),
      left: Math.round(portrait.left - portrait.width * 0.3),
      top: Math.round(portrait.top),
    })),
  );
  return await sharp(Buffer.from(room)).composite(people).png().toBuffer();
}

/** One person alone, as a training picture shows them. */
export const portraitOf = (person: string, width = 160): Promise<Buffer> =>
  pictureOf([{ person, left: width * 0.75, top: width * 0.3, width }], {
    width: Math.round(width * 2.5),
    height: Math.round(width * 2),
  });

async function drawn({ person, width, blur = 0 }: Portrait): Promise<Buffer> {
  const code = codeOf(person);
  const scale = width / face.width;
  const marks = cellsOf(code).map((isWhite, at) => {
    const x = cells.left + (at % cells.columns) * cells.width;
    const y = cells.top + Math.floor(at / cells.columns) * cells.height;
    return `<rect x="${x}" y="${y}" width="${cells.width}" height="${cells.height}" fill="${isWhite ? "#fff" : "#000"}"/>`;
  });
  const hair = hairs[code % hairs.length];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-30 0 160 170" width="${Math.round(160 * scale)}" height="${Math.round(170 * scale)}">
    <path d="M-25 170c0-40 25-58 75-58s75 18 75 58z" fill="${clothes[(code >> 2) % clothes.length]}"/>
    <ellipse cx="50" cy="46" rx="48" ry="44" fill="${hair}"/>
    <rect x="38" y="96" width="24" height="26" fill="${skins[(code >> 4) % skins.length]}"/>
    <ellipse cx="50" cy="64" rx="41" ry="50" fill="${skins[(code >> 4) % skins.length]}"/>
    <ellipse cx="34" cy="62" rx="5" ry="4" fill="#222"/><ellipse cx="66" cy="62" rx="5" ry="4" fill="#222"/>
    <path d="M50 66l-5 15h9" fill="none" stroke="#0005" stroke-width="2"/>
    <path d="M35 92q15 ${6 + (code % 9)} 30 0" fill="none" stroke="#7a3b34" stroke-width="3"/>
    <rect x="${band.left}" y="${band.top}" width="${band.width}" height="${band.height}" fill="${bandColour}"/>
    ${marks.join("")}</svg>`;
  const image = sharp(Buffer.from(svg));
  return await (blur > 0 ? image.blur(blur * scale) : image).png().toBuffer();
}
