import sharp from "sharp";
import { band, cells, checkBits, checkOf, codeBits, face } from "./portrait.ts";

/** A drawn face in a picture, as ratios of the picture's size. */
export interface FoundFace {
  box: { Left: number; Top: number; Width: number; Height: number };
  /** Who it is; null if the headband cannot be read. */
  code: number | null;
  /** From 0 to 100: the contrast of the headband. */
  sharpness: number;
  brightness: number;
}

interface Pixels {
  data: Buffer;
  width: number;
  height: number;
}

/** The drawn faces in a picture, the largest first. */
export async function findFaces(bytes: Uint8Array): Promise<FoundFace[]> {
  const { data, info } = await sharp(bytes)
    .rotate()
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixels = { data, width: info.width, height: info.height };
  return bandsIn(pixels)
    .map((found) => read(pixels, found))
    .sort((a, b) => b.box.Width * b.box.Height - a.box.Width * a.box.Height);
}

interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Connected areas in the colour of the headband, and with its shape. */
function bandsIn({ data, width, height }: Pixels): Rectangle[] {
  const isBand = new Uint8Array(width * height);
  for (let at = 0; at < isBand.length; at += 1) {
    const [r = 0, g = 0, b = 0] = [data[3 * at], data[3 * at + 1], data[3 * at + 2]];
    isBand[at] = r > 130 && b > 130 && r - g > 60 && b - g > 60 ? 1 : 0;
  }
  const found: Rectangle[] = [];
  for (let start = 0; start < isBand.length; start += 1) {
    if (isBand[start] !== 1) continue;
    const edges = { left: width, right: 0, top: height, bottom: 0 };
    const waiting = [start];
    isBand[start] = 0;
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const x = at % width;
      const y = Math.floor(at / width);
      edges.left = Math.min(edges.left, x);
      edges.right = Math.max(edges.right, x);
      edges.top = Math.min(edges.top, y);
      edges.bottom = Math.max(edges.bottom, y);
      for (const [dx, dy] of neighbours) {
        if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
        const next = (y + dy) * width + x + dx;
        if (isBand[next] !== 1) continue;
        isBand[next] = 0;
        waiting.push(next);
      }
    }
    const area = {
      left: edges.left,
      top: edges.top,
      width: edges.right - edges.left + 1,
      height: edges.bottom - edges.top + 1,
    };
    const shape = area.width / area.height / (band.width / band.height);
    if (area.width >= 10 && shape > 0.7 && shape < 1.4) found.push(area);
  }
  return found;
}

const neighbours = [-1, 0, 1].flatMap((dx) =>
  [-1, 0, 1].filter((dy) => dx !== 0 || dy !== 0).map((dy) => [dx, dy] as const),
);

function read(pixels: Pixels, area: Rectangle): FoundFace {
  const unit = { x: area.width / band.width, y: area.height / band.height };
  const at = (x: number, y: number) => ({
    x: area.left + (x - band.left) * unit.x,
    y: area.top + (y - band.top) * unit.y,
  });
  const light = Array.from({ length: cells.columns * cells.rows }, (_, cell) => {
    const column = cell % cells.columns;
    const row = Math.floor(cell / cells.columns);
    const { x, y } = at(cells.left + (column + 0.5) * cells.width, cells.top + (row + 0.5) * cells.height);
    return lightAt(pixels, x, y);
  });
  const contrast = Math.max(...light) - Math.min(...light);
  const middle = (Math.max(...light) + Math.min(...light)) / 2;
  const bits = light.reduce((sum, value) => sum * 2 + (value > middle ? 1 : 0), 0);
  const code = bits >> checkBits;
  const isRead = contrast > 60 && code < 2 ** codeBits && checkOf(code) === (bits & (2 ** checkBits - 1));
  const { x: left, y: top } = at(0, 0);
  return {
    box: {
      Left: ratio(left / pixels.width),
      Top: ratio(top / pixels.height),
      Width: ratio((face.width * unit.x) / pixels.width),
      Height: ratio((face.height * unit.y) / pixels.height),
    },
    code: isRead ? code : null,
    sharpness: Math.round((1_000 * contrast) / 255) / 10,
    brightness: Math.round((1_000 * middle) / 255) / 10,
  };
}

const ratio = (value: number): number => Math.round(value * 1e6) / 1e6;

function lightAt({ data, width, height }: Pixels, x: number, y: number): number {
  const column = Math.min(width - 1, Math.max(0, Math.floor(x)));
  const row = Math.min(height - 1, Math.max(0, Math.floor(y)));
  const at = 3 * (row * width + column);
  return ((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0)) / 3;
}
