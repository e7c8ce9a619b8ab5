import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { localFolder, standInUrl } from "../../cli/stack-files.ts";
import { animatedGif, logo, productPicture, svgIcons, video } from "../samples.ts";
import { runningStack } from "./stack-in-use.ts";

/**
 * Prepares a shell for the examples of docs/flows.md: draws the sample media into `.local/samples` and returns the
 * command that points the SDK at the folder's running stack. Throws `UserError` if none runs.
 */
export async function shellLine(folder: string): Promise<string> {
  const { credentials, localUrl } = await runningStack(folder);
  const samples = join(localFolder(folder), "samples");
  await mkdir(samples, { recursive: true });
  for (const [name, bytes] of await media()) await writeFile(join(samples, name), bytes);
  return `export CLOUDINARY_URL='${standInUrl(credentials, localUrl)}'`;
}

async function media(): Promise<[string, Buffer][]> {
  return [
    ["vase.png", await productPicture()],
    ["jug.png", await productPicture("#3f7fc2")],
    ["logo.png", await logo()],
    ["ball.gif", await animatedGif()],
    ["clip.webm", await video()],
    ...svgIcons().map(({ name, bytes }): [string, Buffer] => [`${name}.svg`, bytes]),
  ];
}
