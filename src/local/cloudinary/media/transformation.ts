import { ApiError, notEmulated } from "../api-error.ts";

/** One `w_100,c_fill` of a transformation; chains are separated by `/`. */
export type Step = ReadonlyMap<string, string>;

export class BadTransformation extends ApiError {
  override name = "BadTransformation";
  constructor(message: string) {
    super(400, message);
  }
}

/** Parameters that are applied, or that are safe to ignore because they only affect codecs, delivery or quality. */
const drawn = new Set("a ar b c co dpr e f fl g h l o pg q r w x y z so".split(" "));
const ignored = new Set("ac af br d dl du eo fps ki vc vs cs dn".split(" "));
/** Cloudinary features that this emulator lacks: borders, named transformations, conditions, streaming profiles … */
const notDrawn = new Set("bo fn if p sp t u".split(" "));

/** Throws 400 for what Cloudinary rejects, and 501 for what only this emulator does not support. */
export function parseTransformation(text: string): Step[] {
  if (text === "") return [];
  return text.split("/").map((part) => {
    const step = new Map<string, string>();
    for (const pair of part.split(",")) {
      const at = pair.indexOf("_");
      const key = pair.slice(0, at);
      if (notDrawn.has(key) || key.startsWith("$")) throw notEmulated(`the transformation ${pair}`);
      if (at < 1 || !(drawn.has(key) || ignored.has(key))) {
        throw new BadTransformation(`Invalid transformation parameter - ${pair}`);
      }
      step.set(key, pair.slice(at + 1));
    }
    return step;
  });
}

/** Whether a path segment of a delivery URL is a transformation rather than a folder. */
export const looksLikeTransformation = (segment: string): boolean =>
  segment
    .split(",")
    .every((pair) => /^([a-z]{1,3}|if|\$[a-z]\w*)_[^/]+$/.test(pair) && isKnown(pair.split("_")[0]));

const isKnown = (key = ""): boolean =>
  drawn.has(key) || ignored.has(key) || notDrawn.has(key) || key.startsWith("$");

export function numberOf(step: Step, key: string): number | undefined {
  const text = step.get(key);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new BadTransformation(`Invalid value for parameter ${key}: ${text}`);
  return value;
}

/** The last format in the chain, unless it is `auto`. */
export const formatIn = (steps: readonly Step[]): string | undefined =>
  steps.findLast((step) => step.has("f"))?.get("f");

const autoQuality: Readonly<Record<string, number>> = {
  auto: 80,
  "auto:best": 90,
  "auto:good": 80,
  "auto:eco": 70,
  "auto:low": 60,
};

export function qualityIn(steps: readonly Step[]): number | undefined {
  const text = steps.findLast((step) => step.has("q"))?.get("q");
  if (text === undefined) return undefined;
  const quality = autoQuality[text] ?? Number(text.split(":")[0]);
  if (!(quality >= 1 && quality <= 100)) throw new BadTransformation(`Invalid quality value: ${text}`);
  return quality;
}

export function pageIn(steps: readonly Step[]): number | undefined {
  const step = steps.find((candidate) => candidate.has("pg"));
  return step === undefined ? undefined : numberOf(step, "pg");
}

/** Removes the format, which the URL has as its extension. */
export const withoutFormat = (text: string): string =>
  text
    .split("/")
    .map((step) =>
      step
        .split(",")
        .filter((pair) => !pair.startsWith("f_"))
        .join(","),
    )
    .filter((step) => step !== "")
    .join("/");
