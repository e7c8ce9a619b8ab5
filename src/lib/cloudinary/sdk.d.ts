import "cloudinary";

declare module "cloudinary" {
  namespace v2 {
    interface search {
      /** The SDK accepts options here, but its types omit them. */
      execute(options?: AdminApiOptions): Promise<unknown>;
    }
  }
}
