import "cloudinary";

// Parts of the SDK that its types lack.
declare module "cloudinary" {
  namespace v2 {
    namespace api {
      function resource_by_asset_id(
        assetId: string,
      ): Promise<{ public_id: string; type: string; secure_url: string }>;
    }
    namespace uploader {
      function generate_sprite(pictures: { urls: string[]; notification_url?: string }): Promise<unknown>;
    }
  }
}
