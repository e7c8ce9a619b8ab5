/** Somebody who may open the console, by one entry of OPERATOR_TOKEN. */
export interface Operator {
  /** The "who" of everything they do. */
  name: string;
  /** A viewer reads what the console shows and changes nothing. */
  role: OperatorRole;
  token: string;
}

export type OperatorRole = "operator" | "viewer";

export interface OperatorsReading {
  operators: Operator[];
  /** One sentence for each entry that opens nothing. Names the entry, never its token. */
  problems: string[];
}

const leastLength = 32;
/** A random token of 32 hex digits has fewer than 8 different ones once in 25 million. */
const leastCharacters = 8;
const leastSteps = 4;

/**
 * `token`, `name:token`, `name:viewer:token` or `name:operator:token`, separated by spaces. An entry that could be guessed or
 * misread opens nothing; the others still do.
 */
export function readOperators(list: string | undefined): OperatorsReading {
  const operators: Operator[] = [];
  const problems: string[] = [];
  for (const [index, entry] of (list?.split(/\s+/) ?? []).entries()) {
    const parts = entry.split(":");
    const token = parts.at(-1) ?? "";
    const [name = "operator", role = "operator"] = parts.slice(0, -1);
    const problem = problemOf(parts, { name, role, token }, operators);
    if (problem === null) operators.push({ name, role: role === "viewer" ? "viewer" : "operator", token });
    else problems.push(`OPERATOR_TOKEN: entry ${index + 1} ${problem}`);
  }
  return { operators, problems };
}

function problemOf(
  parts: readonly string[],
  { name, role, token }: { name: string; role: string; token: string },
  others: readonly Operator[],
): string | null {
  if (parts.length > 3 || !/^[\w.-]+$/.test(name))
    return "is not of the form token, name:token or name:viewer:token (a token has no colon)";
  if (role !== "operator" && role !== "viewer") return "names a role other than operator and viewer";
  if (token.length < leastLength) return `has a token of fewer than ${leastLength} characters`;
  if (isPredictable(token))
    return "has a token that is easy to guess: take a random one, such as `openssl rand -hex 24` prints";
  return others.some((other) => other.token === token) ? "repeats the token of an entry before it" : null;
}

/** Few different characters, something short over and over, or a run such as `abcdef…`. */
function isPredictable(token: string): boolean {
  const characters = [...token];
  const steps = characters.slice(1).map((one, index) => one.charCodeAt(0) - token.charCodeAt(index));
  return (
    new Set(characters).size < leastCharacters ||
    new Set(steps).size < leastSteps ||
    periodOf(token) * 2 <= token.length
  );
}

/** The smallest number of characters after which the token says the same again, to its end. */
function periodOf(token: string): number {
  for (let period = 1; period < token.length; period += 1)
    if (token.startsWith(token.slice(period))) return period;
  return token.length;
}
