import { isLoopback } from "./loopback.ts";
import { isPlaceholder } from "./pasted.ts";

/** The connection to Amazon Rekognition in the environment variables. */
export interface RekognitionVariables {
  collection: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | null;
  /** Instead of AWS's own address, such as that of an emulator. */
  endpoint: string | null;
  /** The endpoint is on this machine: no picture leaves it. */
  isLocal: boolean;
  /** The problems with the variables. Contains names, never values. */
  problems: string[];
}

/**
 * null if REKOGNITION_COLLECTION is not set. The REKOGNITION_ variables have priority over the AWS SDK's own: Netlify's functions run on
 * AWS, which sets those itself, and `netlify dev` sets AWS_REGION to `dev`.
 */
export function readRekognition(present: (name: string) => string | undefined): RekognitionVariables | null {
  const collection = present("REKOGNITION_COLLECTION");
  if (collection === undefined) return null;
  const problems: string[] = [];
  const own = present("REKOGNITION_ACCESS_KEY_ID") !== undefined;
  const read = (name: string): string => {
    const key = `${own ? "REKOGNITION" : "AWS"}_${name}`;
    const value = present(key);
    if (value === undefined) problems.push(`REKOGNITION_${name} is missing`);
    else if (isPlaceholder(value)) problems.push(`${key} holds a placeholder`);
    return value ?? "";
  };
  if (!/^[a-zA-Z0-9_.-]{1,255}$/.test(collection))
    problems.push("REKOGNITION_COLLECTION may contain only letters, digits, and the characters _ . -");
  const accessKeyId = read("ACCESS_KEY_ID");
  const secretAccessKey = read("SECRET_ACCESS_KEY");
  const shared = present("AWS_REGION");
  const region = present("REKOGNITION_REGION") ?? (shared === "dev" ? undefined : shared);
  if (region === undefined) problems.push("REKOGNITION_REGION is missing");
  const endpoint = present("REKOGNITION_ENDPOINT") ?? present("AWS_ENDPOINT_URL_REKOGNITION") ?? null;
  const url = endpoint !== null && URL.canParse(endpoint) ? new URL(endpoint) : null;
  const isLocal = url !== null && isLoopback(url);
  if (endpoint !== null && (url === null || (url.protocol !== "https:" && !isLocal)))
    problems.push("REKOGNITION_ENDPOINT is not of the form https://<host>");
  return {
    collection,
    region: region ?? "",
    accessKeyId,
    secretAccessKey,
    sessionToken: (own ? present("REKOGNITION_SESSION_TOKEN") : present("AWS_SESSION_TOKEN")) ?? null,
    endpoint,
    isLocal,
    problems,
  };
}
