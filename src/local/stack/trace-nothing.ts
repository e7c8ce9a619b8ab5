import { relative } from "node:path";

/**
 * What the bundler of `netlify dev` gets in place of `@vercel/nft` (netlify-modules.ts). For a deployment, it reads every package that
 * a function imports, and copies what it finds beside the function. Here a function finds its packages in the project's own
 * `node_modules`, above the folder that it is built in, so that the search, half the work of a start, is left out.
 */
interface TraceOptions {
  base: string;
  /** Of a function's main file: compiles it, together with all files of the project that it imports. null: it does not exist. */
  readFile(path: string): Promise<Buffer | string | null>;
}

export async function nodeFileTrace([mainFile = ""]: readonly string[], { base, readFile }: TraceOptions) {
  if ((await readFile(mainFile)) === null) throw new Error(`File ${mainFile} does not exist.`);
  return {
    fileList: new Set([relative(base, mainFile)]),
    esmFileList: new Set<string>(),
    reasons: new Map<string, never>(),
  };
}

/** The bundler imports it for its searches. */
export function resolve(specifier: string): never {
  throw new Error(`${specifier} was searched for, although packages are not searched under npm start.`);
}
