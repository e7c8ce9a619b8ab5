import { createHash, createHmac } from "node:crypto";
import { RekognitionError } from "./errors.ts";

export interface AwsKey {
  accessKeyId: string;
  secretAccessKey: string;
}

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** Checks the Signature Version 4 of a request as AWS does, and throws its errors. */
export function checkSignature(
  request: Request,
  body: Uint8Array,
  key: AwsKey,
  expected = "rekognition",
): void {
  const authorization = request.headers.get("authorization");
  if (authorization === null)
    throw new RekognitionError("MissingAuthenticationTokenException", "Missing Authentication Token");
  const [, keyId, day = "", region = "", service = "", names = "", signature] =
    form.exec(authorization) ?? [];
  if (keyId === undefined || service !== expected)
    throw new RekognitionError(
      "IncompleteSignatureException",
      `Authorization header does not have the form of Signature Version 4 for ${expected}.`,
    );
  if (keyId !== key.accessKeyId)
    throw new RekognitionError(
      "UnrecognizedClientException",
      "The security token included in the request is invalid.",
    );
  const { host } = new URL(request.url);
  const headers = names
    .split(";")
    .map((name) => `${name}:${(name === "host" ? host : (request.headers.get(name) ?? "")).trim()}\n`);
  const canonical = ["POST", "/", "", headers.join(""), names, sha256(body)].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = [
    "AWS4-HMAC-SHA256",
    request.headers.get("x-amz-date") ?? "",
    scope,
    sha256(Buffer.from(canonical)),
  ].join("\n");
  const signingKey = [day, region, service, "aws4_request"].reduce<string | Buffer>(
    (previous, part) => hmac(previous, part),
    `AWS4${key.secretAccessKey}`,
  );
  if (hmac(signingKey, text).toString("hex") !== signature)
    throw new RekognitionError(
      "InvalidSignatureException",
      "The request signature we calculated does not match the signature you provided.",
    );
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
