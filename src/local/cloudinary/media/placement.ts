import { BadTransformation, numberOf, type Step } from "./transformation.ts";

export interface Size {
  width: number;
  height: number;
}

/** The direction of a gravity: -1, 0 or 1 on each axis. */
export function compass(gravity: string): { right: number; down: number } {
  if (!/^((north|south)?_?(east|west)?|center|auto.*|faces?)$/.test(gravity))
    throw new BadTransformation(`Invalid gravity: ${gravity}`);
  const right = gravity.includes("east") ? 1 : gravity.includes("west") ? -1 : 0;
  const down = gravity.startsWith("south") ? 1 : gravity.startsWith("north") ? -1 : 0;
  return { right, down };
}

/** Positions a box inside another; x and y are offsets from the edge that the gravity names. */
export function placed(inner: Size, outer: Size, step: Step): { left: number; top: number } {
  const { right, down } = compass(step.get("g") ?? "center");
  const along = (direction: number, room: number, offset: number): number =>
    Math.round(direction === 0 ? room / 2 + offset : direction > 0 ? room - offset : offset);
  return {
    left: along(right, outer.width - inner.width, numberOf(step, "x") ?? 0),
    top: along(down, outer.height - inner.height, numberOf(step, "y") ?? 0),
  };
}
