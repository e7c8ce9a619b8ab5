import { rm } from "node:fs/promises";
import { join } from "node:path";

/** The data that a start leaves behind, except for the credentials, which other shells and scripts may use. */
const data = [
  ".netlify/db",
  ".netlify/blobs-serve",
  ".local/cloudinary",
  ".local/clouds",
  ".local/sendgrid",
  ".local/chat",
  ".local/rekognition",
];

/** Deletes all data. The user's own database (DATABASE_URL) is not changed. */
export async function forgetEverything(folder: string): Promise<void> {
  await Promise.all(data.map((path) => rm(join(folder, path), { recursive: true, force: true })));
}
