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

/** For what the real API can do and this stand-in cannot; never an answer that looks like success. */
export const notHere = (what: string): ApiError =>
  new ApiError(400, `The local Cloudinary has no ${what}; the real one may.`);
