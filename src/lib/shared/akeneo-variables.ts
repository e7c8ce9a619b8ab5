import { isLoopback } from "./loopback.ts";
import { isPlaceholder } from "./pasted.ts";

/** The connection to Akeneo, as the variables have it. */
export interface AkeneoVariables {
  account: {
    /** Without a slash at the end. */
    url: string;
    clientId: string;
    secret: string;
    /** null: there is neither a name nor a password. */
    user: { name: string; password: string } | null;
  };
  /** What is wrong with them, by name, never by value. */
  problems: string[];
}

/** null: none of the variables is set. */
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

/** The address without what the API's paths add to it. */
function baseOf(address: string, problems: string[]): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url))))
    problems.push("AKENEO_URL is not of the form https://<host>");
  else if (url.username || url.password || url.search || url.hash)
    problems.push("AKENEO_URL must hold no user, query or fragment");
  return address.replace(/(\/api(\/(rest|oauth)(\/v1)?)?)?\/*$/, "");
}
