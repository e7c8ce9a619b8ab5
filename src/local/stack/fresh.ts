import { rm } from "node:fs/promises";
import { join } from "node:path";

/** What a start leaves behind, apart from the credentials: those may stand in other shells and scripts. */
const data = [".netlify/db", ".netlify/blobs-serve", ".local/cloudinary", ".local/sendgrid"];

/** Begins empty. A database of the user's own (DATABASE_URL) is not touched. */
export async function forgetEverything(folder: string): Promise<void> {
  await Promise.all(data.map((path) => rm(join(folder, path), { recursive: true, force: true })));
}
