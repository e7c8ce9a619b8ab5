import { ApiError } from "../api-error.ts";

/** A search expression, parsed. */
export type Expression =
  | { kind: "and" | "or"; parts: Expression[] }
  | { kind: "not"; part: Expression }
  | { kind: "compare"; field: string; operator: Operator; value: string; isQuoted: boolean }
  | { kind: "range"; field: string; from: Bound; to: Bound }
  | { kind: "word"; value: string; isQuoted: boolean };

export type Operator = ":" | "=" | ">" | ">=" | "<" | "<=";

/** One end of a range; `*` is unbounded. */
export interface Bound {
  value: string;
  isIncluded: boolean;
}

type Token =
  | { kind: "(" | ")" | "[" | "]" | "{" | "}" }
  | { kind: "operator"; text: Operator }
  | { kind: "minus" }
  | { kind: "word"; text: string; isQuoted: boolean };

/** Deeper than any real query, and well below a stack overflow. */
const maxDepth = 100;

/**
 * Cloudinary's search expressions, by recursive descent:
 *
 *     or     = and { "OR" and }
 *     and    = not { ["AND"] not }
 *     not    = { "NOT" | "-" } term
 *     term   = "(" or ")" | field operator value | field operator "(" or ")" | field ":" range | word
 *     range  = ("[" | "{") value "TO" value ("]" | "}")
 *
 * Null for an empty expression, which finds everything. Throws 400 for one that cannot be read.
 */
export function parseExpression(text: string): Expression | null {
  const tokens = tokenize(text);
  if (tokens.length === 0) return null;
  let at = 0;
  const peek = (): Token | undefined => tokens[at];
  const isKeyword = (word: string, token = peek()): boolean =>
    token?.kind === "word" && !token.isQuoted && token.text === word;

  function or(): Expression {
    const parts = [and()];
    while (isKeyword("OR")) {
      at += 1;
      parts.push(and());
    }
    return joined("or", parts);
  }

  function and(): Expression {
    const parts = [not()];
    for (;;) {
      const next = peek();
      if (next === undefined || next.kind === ")" || isKeyword("OR")) return joined("and", parts);
      if (isKeyword("AND")) at += 1;
      parts.push(not());
    }
  }

  let depth = 0;

  /** All nesting (parentheses and negation) passes through here, so the depth is checked here. */
  function not(): Expression {
    depth += 1;
    if (depth > maxDepth) throw broken(text, `it is nested more than ${maxDepth} levels deep`);
    const isNegated = peek()?.kind === "minus" || isKeyword("NOT");
    if (isNegated) at += 1;
    const inside = isNegated ? not() : term();
    depth -= 1;
    return isNegated ? { kind: "not", part: inside } : inside;
  }

  function term(): Expression {
    const token = take();
    if (token.kind === "(") {
      const inside = or();
      if (take().kind !== ")") throw broken(text, "a parenthesis is not closed");
      return inside;
    }
    if (token.kind !== "word") throw broken(text, "a field or a word is expected");
    if (isKeyword("AND", token) || isKeyword("OR", token)) throw broken(text, `${token.text} stands alone`);
    const operator = peek();
    if (operator?.kind !== "operator") return { kind: "word", value: token.text, isQuoted: token.isQuoted };
    at += 1;
    const opening = peek();
    if (opening?.kind === "[" || opening?.kind === "{") return range(token.text);
    const compared = { kind: "compare", field: token.text, operator: operator.text } as const;
    if (opening?.kind === "(") return ofField(term(), compared);
    const word = take();
    if (word.kind !== "word") throw broken(text, `${token.text} is compared with nothing`);
    return { ...compared, value: word.text, isQuoted: word.isQuoted };
  }

  function range(field: string): Expression {
    const from = { isIncluded: take().kind === "[", value: bound() };
    if (!isKeyword("TO")) throw broken(text, "a range needs TO");
    at += 1;
    const to = { value: bound(), isIncluded: peek()?.kind === "]" };
    const closing = take().kind;
    if (closing !== "]" && closing !== "}") throw broken(text, "a range is not closed");
    return { kind: "range", field, from, to };
  }

  function bound(): string {
    const token = take();
    if (token.kind !== "word") throw broken(text, "a range needs two values");
    return token.text;
  }

  function take(): Token {
    const token = tokens[at];
    if (token === undefined) throw broken(text, "it ends too early");
    at += 1;
    return token;
  }

  const expression = or();
  if (at < tokens.length) throw broken(text, "a parenthesis is closed that was not opened");
  return expression;
}

/** `tags:(a OR b)`: the field applies to every term in the parentheses. */
function ofField(
  expression: Expression,
  compared: { kind: "compare"; field: string; operator: Operator },
): Expression {
  switch (expression.kind) {
    case "and":
    case "or":
      return { ...expression, parts: expression.parts.map((part) => ofField(part, compared)) };
    case "not":
      return { kind: "not", part: ofField(expression.part, compared) };
    case "word":
      return { ...compared, value: expression.value, isQuoted: expression.isQuoted };
    default:
      return expression;
  }
}

const joined = (kind: "and" | "or", parts: Expression[]): Expression =>
  parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind, parts };

const broken = (text: string, why: string): ApiError =>
  new ApiError(400, `Invalid search expression "${text}": ${why}`);

/**
 * A word ends at a space, a bracket or an operator. After an operator and in a range it may contain colons, as times
 * do.
 */
const tokenPattern =
  /\s*(?:(?<bracket>[()[\]{}])|(?<operator>>=|<=|[:=<>])|(?<minus>-(?=[\w(]))|"(?<quoted>(?:[^"\\]|\\.)*)"|(?<word>(?:[^\s()[\]{}:=<>"\\]|\\.)+))/uy;
const valuePattern = /\s*(?<word>(?:[^\s()[\]{}"\\]|\\.)+)/uy;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let isRange = false;
  while (text.slice(at).trim() !== "") {
    const isValue = isRange || tokens.at(-1)?.kind === "operator";
    const pattern = isValue && !/^\s*["()[\]{}]/.test(text.slice(at)) ? valuePattern : tokenPattern;
    pattern.lastIndex = at;
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) throw broken(text, `it cannot be read from "${text.slice(at)}" on`);
    at = pattern.lastIndex;
    const token = tokenOf(groups);
    isRange = "[{".includes(token.kind) || (isRange && !"]}".includes(token.kind));
    tokens.push(token);
  }
  return tokens;
}

function tokenOf(groups: Record<string, string | undefined>): Token {
  const { bracket, operator, minus, quoted, word } = groups;
  if (isBracket(bracket)) return { kind: bracket };
  if (isOperator(operator)) return { kind: "operator", text: operator };
  if (minus !== undefined) return { kind: "minus" };
  const text = (quoted ?? word ?? "").replace(/\\(.)/g, "$1");
  return { kind: "word", text, isQuoted: quoted !== undefined };
}

const isBracket = (text: string | undefined): text is "(" | ")" | "[" | "]" | "{" | "}" =>
  text !== undefined && text.length === 1 && "()[]{}".includes(text);

const isOperator = (text: string | undefined): text is Operator =>
  text !== undefined && [":", "=", ">", ">=", "<", "<="].includes(text);
