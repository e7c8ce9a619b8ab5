import "cloudinary";

declare module "cloudinary" {
  namespace v2 {
    interface search {
      /** The SDK takes options here; its types leave them out. */
      execute(options?: AdminApiOptions): Promise<unknown>;
    }
  }
}
