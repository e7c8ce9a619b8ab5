import sharp from "sharp";

/** Red, green, blue and alpha of one pixel, read with sharp itself. */
export async function pixel(picture: Uint8Array, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(picture).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * info.channels;
  return [...data.subarray(at, at + 4)];
}

/** A picture of one colour. */
export const plain = (width: number, height: number, colour: string): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 4, background: colour } })
    .png()
    .toBuffer();

/** Left half one colour, right half another. */
export async function halves(
  width: number,
  height: number,
  [left, right]: [string, string],
): Promise<Buffer> {
  const half = await plain(Math.floor(width / 2), height, left);
  return sharp(await plain(width, height, right))
    .composite([{ input: half, left: 0, top: 0 }])
    .png()
    .toBuffer();
}

export async function bytesOf(url: string): Promise<Buffer> {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return Buffer.from(await response.arrayBuffer());
}
