/** A refusal as the API words it: `{"error":{"message"}}` with this status. */
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
 * For what the real API can do and this emulator cannot: never an answer that looks like success, and never one that the
 * real API gives. Cloudinary does not answer 501.
 */
export const notEmulated = (what: string): ApiError =>
  new ApiError(501, `Not emulated: the local Cloudinary does not emulate ${what}.`);

/** Clients give up on longer headers. The answer itself has the whole message. */
const maxHeaderText = 1_000;

/** The reason, as Cloudinary also puts it into a header. */
export const errorHeader = ({ message }: ApiError): { "X-Cld-Error": string } => ({
  "X-Cld-Error": encodeURI(message.slice(0, maxHeaderText).toWellFormed()),
});
