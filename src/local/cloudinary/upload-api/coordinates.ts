import { ApiError } from "../api-error.ts";
import type { Params } from "../params.ts";
import type { Asset } from "../store/state.ts";

type Coordinates = Pick<Asset, "face_coordinates" | "custom_coordinates">;

/**
 * `face_coordinates` and `custom_coordinates`: `x,y,width,height`, joined by `|`. An upload limits width and height to
 * the picture's size; `explicit` stores the values unchanged and passes no `size`.
 */
export function coordinatesOf(params: Params, size?: { width?: number; height?: number }): Coordinates {
  const faces = read(params, "face_coordinates");
  const custom = read(params, "custom_coordinates");
  const limited = (list: number[][]): number[][] =>
    list.map(([x = 0, y = 0, width = 0, height = 0]) => [
      x,
      y,
      Math.min(width, size?.width ?? width),
      Math.min(height, size?.height ?? height),
    ]);
  return {
    ...(faces === undefined ? {} : { face_coordinates: limited(faces) }),
    ...(custom === undefined ? {} : { custom_coordinates: limited(custom) }),
  };
}

function read(params: Params, name: string): number[][] | undefined {
  const text = params.text(name);
  if (text === undefined) return undefined;
  const list = text.split("|").map((one) => one.split(",").map(Number));
  if (list.some((box) => box.length !== 4 || box.some(Number.isNaN)))
    throw new ApiError(400, `Invalid ${name} ${text}`);
  return list;
}
