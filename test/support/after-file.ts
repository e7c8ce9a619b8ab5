import { afterAll, vi } from "vitest";

// Cloudinary's SDK decides once for each process whether it calls by http or https: here always by http, which the emulators speak.
const { CLOUDINARY_URL: before } = process.env;
process.env.CLOUDINARY_URL = "cloudinary://key:secret@cloud?upload_prefix=http://127.0.0.1:1";
const { v2: cloudinary } = await import("cloudinary");
if (before === undefined) delete process.env.CLOUDINARY_URL;
else process.env.CLOUDINARY_URL = before;
cloudinary.config(true);

// For files that share a process: the next one begins with the variables, the clock and the functions that this one found.
const variables = { ...process.env };

afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  for (const name of Object.keys(process.env)) if (!Object.hasOwn(variables, name)) delete process.env[name];
  Object.assign(process.env, variables);
  cloudinary.config(true);
});
