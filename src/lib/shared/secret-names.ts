/**
 * Whether the value of this name is a secret, by the last word of the name, in any case and spelling: `deleteToken`, `DELETE_TOKEN`,
 * `delete-token`. Names that only count or describe secrets do not match: `token_count`, `secret_name`, `author`.
 */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  while (words.length > 1 && isQualifier(words.at(-1) ?? "")) words.pop();
  const last = words.at(-1) ?? "";
  const pair = (words.at(-2) ?? "") + last;
  return wholeWords.has(last) || endings.some((ending) => last.endsWith(ending) || pair.endsWith(ending));
}

/** In URL parameters, secrets also have the short names that AWS, Azure and Google use. */
export const isSecretParameter = (name: string): boolean =>
  urlOnly.has(name.toLowerCase()) || isSecretName(name);

/** Members that contain the name of a pair: `{"name": "token", "value": "…"}`. */
export const namesPair = (name: string): boolean => pairNames.has(name.toLowerCase());

/** `value`, `values`, `new_value`, `previousValue`, `content`. */
export const holdsPairsValue = (name: string): boolean =>
  ["value", "values", "val", "content"].includes(wordsOf(name).at(-1) ?? "");

const endings = [
  "token",
  "tokens",
  "secret",
  "secrets",
  "signature",
  "signatures",
  "password",
  "passwords",
  "passwd",
  "passphrase",
  "credential",
  "credentials",
  "authorization",
  "cookie",
  "cookies",
  "accesskey",
  "privatekey",
  "secretkey",
  "sessionid",
  "passcode",
];

/** Too short to match the end of a longer word. */
const wholeWords = new Set(["auth", "oauth", "bearer", "jwt", "jwts", "pwd", "otp", "otps", "hmac", "sid"]);

const urlOnly = new Set(["sig", "key"]);

const pairNames = new Set([
  "name",
  "key",
  "header",
  "field",
  "param",
  "parameter",
  "property",
  "external_id",
]);

/** Suffixes that do not change the meaning of a secret's name: `token_value`, `signature_v2`, `auth_code`. */
function isQualifier(word: string): boolean {
  return /^(?:v|\d+|values?|hash|header|code|string)$/.test(word);
}

/** Longer texts are not names. */
const longestName = 200;

function wordsOf(name: string): string[] {
  const words = name.slice(-longestName).match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\d+/gu) ?? [];
  return words.map((word) => word.toLowerCase());
}
