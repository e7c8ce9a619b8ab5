/** An error in Rekognition's format: `__type` names it. */
export class RekognitionError extends Error {
  override name = "RekognitionError";
  readonly type: string;
  readonly status: number;
  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

export function errorAnswer(
  { type, message, status }: Pick<RekognitionError, "type" | "message" | "status">,
  headers: Record<string, string> = {},
): Response {
  return Response.json(
    { __type: type, message },
    { status, headers: { "content-type": jsonType, "x-amzn-errortype": type, ...headers } },
  );
}

export const jsonType = "application/x-amz-json-1.1";

export const notFound = (what: string): RekognitionError =>
  new RekognitionError("ResourceNotFoundException", `${what} does not exist`);

export const invalidParameter = (message: string): RekognitionError =>
  new RekognitionError("InvalidParameterException", message);
