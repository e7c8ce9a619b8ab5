/** The part of archiver that is used; the package has no types of its own. */
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
