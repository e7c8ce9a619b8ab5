import { createHash } from "node:crypto";
import type { PimSettings } from "../../settings.types.ts";

/**
 * The name in the settings, with or without the format at the end, regardless of the order of parameters within a step; otherwise the
 * transformation itself, shortened if long.
 */
export function renditionName(transformation: string, names: PimSettings["renditions"]): string {
  for (const form of [transformation, withoutFormat(transformation)]) {
    const wanted = comparable(form);
    const named = Object.entries(names).find(([key]) => comparable(key) === wanted)?.[1];
    if (named !== undefined) return named;
  }
  const name = holdsText(transformation) ? decoded(transformation) : inOrder(transformation);
  if (name === "") return "plain";
  if (name.length <= 120) return name;
  return `${name.slice(0, 100)}~${createHash("sha256").update(name).digest("hex").slice(0, 16)}`;
}

/** `c_fill,w_100/jpg`: bodies have the format of the result at the end. Parameters have an underscore. */
function withoutFormat(transformation: string): string {
  return transformation.replace(/\/[a-z0-9]{2,5}$/, "");
}

/** Whether commas and slashes can be part of a text, where their order matters. */
function holdsText(transformation: string): boolean {
  return /(?:^|[,/])(?:[lu]_(?:text|subtitles):|\$\w+_!)/.test(transformation);
}

function inOrder(transformation: string): string {
  return transformation
    .split("/")
    .map((step) => step.split(",").sort().join(","))
    .join("/");
}

const parameter = /^(?:[a-z]{1,4}_|\$[a-zA-Z])/;

/** In a text, what follows a comma belongs to the parameter before it, unless it looks like a parameter itself. */
function comparable(transformation: string): string {
  return transformation
    .split("/")
    .map((step) => {
      const parameters: string[] = [];
      for (const piece of step.split(",")) {
        const before = parameter.test(piece) ? undefined : parameters.pop();
        parameters.push(before === undefined ? piece : `${before},${piece}`);
      }
      return parameters.map(decoded).sort().join(",");
    })
    .join("/");
}

/** Texts are encoded twice in URLs, and not at all in most bodies. */
function decoded(text: string): string {
  let plain = text;
  for (let times = 0; times < 2 && plain.includes("%"); times += 1)
    try {
      plain = decodeURIComponent(plain);
    } catch {
      return plain; // A percent sign of the text itself.
    }
  return plain;
}
