/** A person with access to the console: one entry of OPERATOR_TOKEN. */
export interface Operator {
  /** The name in the audit log. */
  name: string;
  /** A viewer can only read. */
  role: OperatorRole;
  token: string;
}

export type OperatorRole = "operator" | "viewer";

export interface OperatorsReading {
  operators: Operator[];
  /** One sentence for each rejected entry. Contains the entry's name or position, never its token. */
  problems: string[];
}

const leastLength = 32;
/** A random token of 32 hex digits has fewer than 8 different characters only once in 25 million. */
const leastCharacters = 8;
const leastSteps = 4;
/** A random token of 32 hex digits has at least 28 unpredictable characters; 16 of them are 64 bits. */
const leastSurprises = 16;

/**
 * `token`, `name:token`, `name:viewer:token` or `name:operator:token`, separated by spaces. An entry that can be guessed or
 * is ambiguous is rejected; the others still work.
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
    return "has a token that is easy to guess (words, runs or repetitions): use a random one, such as the output of `openssl rand -hex 24`";
  return others.some((other) => other.token === token) ? "repeats the token of an entry before it" : null;
}

/** Few different characters, a run such as `abcdef…`, or mostly words and repetitions. */
function isPredictable(token: string): boolean {
  const characters = [...token];
  const steps = characters
    .slice(1)
    .map((character, index) => character.charCodeAt(0) - token.charCodeAt(index));
  return (
    new Set(characters).size < leastCharacters ||
    new Set(steps).size < leastSteps ||
    surprisesOf(token) < leastSurprises
  );
}

/**
 * The number of unpredictable characters: a common word, a run (`4567`, `0000`) and a repetition each count as one, a separator as
 * none.
 */
function surprisesOf(token: string): number {
  const text = token.toLowerCase();
  let surprises = 0;
  for (let at = 0; at < text.length; ) {
    const length = Math.max(wordAt(text, at), runAt(text, at), repetitionAt(text, at));
    if (length >= leastPiece || !/[-_.]/.test(text.charAt(at))) surprises += 1;
    at += length >= leastPiece ? length : 1;
  }
  return surprises;
}

/** Shorter repetitions occur in random tokens. */
const leastPiece = 3;

/** Common words in place of a secret. */
const words = (
  "changeme change replace insert enter your yours token secret password passwort passw0rd passphrase pass pwd here this that with " +
  "value placeholder example sample dummy test testing demo default temp temporary todo fixme admin administrator operator viewer user " +
  "root login letmein welcome qwerty qwertz azerty asdf monkey dragon master access auth bearer api key apikey private public secure " +
  "security random string long very super please must should minimum characters character the and for not only min max some any new " +
  "old production prod staging stage development dev local localhost console cloudinary webhook webhooks netlify team company site " +
  "website none null undefined true false foo bar baz lorem ipsum dolor abc xyz hello world openssl rand hex base64"
).split(" ");

function wordAt(text: string, at: number): number {
  return Math.max(0, ...words.filter((word) => text.startsWith(word, at)).map(({ length }) => length));
}

/** Characters with the same small distance between neighbours. */
function runAt(text: string, at: number): number {
  const step = text.charCodeAt(at + 1) - text.charCodeAt(at);
  if (Math.abs(step) > 1) return 0;
  let length = 1;
  while (text.charCodeAt(at + length) - text.charCodeAt(at + length - 1) === step) length += 1;
  return length;
}

/** The length of the following text that already occurs earlier. */
function repetitionAt(text: string, at: number): number {
  let length = 0;
  while (at + length < text.length && text.indexOf(text.slice(at, at + length + 1)) < at) length += 1;
  return length;
}
