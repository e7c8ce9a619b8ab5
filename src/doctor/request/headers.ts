import { isObject } from "../../lib/shared/json.ts";

/**
 * Headers from a file: lines as in HTTP or from `curl -v`, options of a curl command, or JSON (an object by name, or a list of
 * names and values). null: nothing in it is a header.
 */
export function readHeaders(text: string): Headers | null {
  const pairs = fromJson(text) ?? fromLines(text);
  const headers = new Headers();
  for (const [name, value] of pairs) {
    // What is no header, such as a line of the body, is left out.
    if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) headers.set(name, value.trim().replace(/[^\x20-\x7e]/g, "?"));
  }
  return [...headers].length === 0 ? null : headers;
}

type Pairs = [string, string][];

function fromLines(text: string): Pairs {
  return text.split(/\r?\n/).flatMap((line): Pairs => {
    const [, , name, value] =
      /^\s*(?:[<>]\s*|(?:-H|--header)\s+)?(["']?)([\w-]+):\s*(.*?)\1\s*\\?$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
}

function fromJson(text: string): Pairs | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const found = isObject(value) && isObject(value.headers) ? value.headers : value;
  if (Array.isArray(found)) return found.flatMap(pairOf);
  return isObject(found)
    ? Object.entries(found).flatMap(([name, one]): Pairs => [[name, textOf(one)]])
    : null;
}

function pairOf(entry: unknown): Pairs {
  if (Array.isArray(entry)) return [[textOf(entry[0]), textOf(entry[1])]];
  return isObject(entry) ? [[textOf(entry.name), textOf(entry.value)]] : [];
}

const textOf = (value: unknown): string => String(Array.isArray(value) ? value[0] : (value ?? ""));
