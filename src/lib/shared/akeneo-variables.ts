import { isLoopback } from "./loopback.ts";
import { isPlaceholder } from "./pasted.ts";

/** The Akeneo connection in the environment variables. */
export interface AkeneoVariables {
  account: {
    /** Without a trailing slash. */
    url: string;
    clientId: string;
    secret: string;
    /** null if neither a name nor a password is set. */
    user: { name: string; password: string } | null;
  };
  /** The problems with the variables. Contains names, never values. */
  problems: string[];
}

/** null if none of the variables is set. */
export function readAkeneo(present: (name: string) => string | undefined): AkeneoVariables | null {
  const problems: string[] = [];
  const read = (name: string) => {
    const value = present(name);
    if (value !== undefined && isPlaceholder(value)) problems.push(`${name} holds a placeholder`);
    return value;
  };
  const address = read("AKENEO_URL");
  const clientId = read("AKENEO_CLIENT_ID");
  const secret = read("AKENEO_SECRET");
  const name = read("AKENEO_USERNAME");
  // A password may look like a placeholder.
  const password = present("AKENEO_PASSWORD");
  const all = [address, clientId, secret, name, password];
  if (all.every((value) => value === undefined)) return null;
  if (address === undefined) problems.push("AKENEO_URL is missing");
  if (clientId === undefined) problems.push("AKENEO_CLIENT_ID is missing");
  if (secret === undefined) problems.push("AKENEO_SECRET is missing");
  if (name === undefined && password !== undefined) problems.push("AKENEO_USERNAME is missing");
  if (name !== undefined && password === undefined) problems.push("AKENEO_PASSWORD is missing");
  const url = address === undefined ? "" : baseOf(address, problems);
  return {
    account: {
      url,
      clientId: clientId ?? "",
      secret: secret ?? "",
      user: name !== undefined && password !== undefined ? { name, password } : null,
    },
    problems,
  };
}

/** The base URL, without the path of the API. */
function baseOf(address: string, problems: string[]): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url))))
    problems.push("AKENEO_URL is not of the form https://<host>");
  else if (url.username || url.password || url.search || url.hash)
    problems.push("AKENEO_URL must not contain a user, query or fragment");
  return address.replace(/(\/api(\/(rest|oauth)(\/v1)?)?)?\/*$/, "");
}
