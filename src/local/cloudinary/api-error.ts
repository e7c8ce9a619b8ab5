/** An error in the API's format: `{"error":{"message"}}` with this status. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export const notFound = (what: string): ApiError => new ApiError(404, `Resource not found - ${what}`);

export const missing = (parameter: string): ApiError =>
  new ApiError(400, `Missing required parameter - ${parameter}`);

/**
 * For features of the real API that this emulator lacks. The status is 501, which Cloudinary never sends, so callers
 * cannot mistake it for success or for a real error.
 */
export const notEmulated = (what: string): ApiError =>
  new ApiError(501, `Not emulated: the local Cloudinary does not emulate ${what}.`);

/** HTTP clients reject longer headers. The body has the full message. */
const maxHeaderText = 1_000;

/** The error message, which Cloudinary also sends as a header. */
export const errorHeader = ({ message }: ApiError): { "X-Cld-Error": string } => ({
  "X-Cld-Error": encodeURI(message.slice(0, maxHeaderText).toWellFormed()),
});
