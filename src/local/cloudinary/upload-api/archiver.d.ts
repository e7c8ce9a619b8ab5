/** The part of archiver's API that is used here; the package has no types. */
declare module "archiver" {
  import type { Readable } from "node:stream";

  class Archive extends Readable {
    append(source: Buffer, entry: { name: string }): this;
    finalize(): Promise<void>;
  }
  export class ZipArchive extends Archive {}
  export class TarArchive extends Archive {
    constructor(options: { gzip: boolean });
  }
}
