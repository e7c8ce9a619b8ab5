import { useState } from "react";
import { type Card, keyOf } from "./cards.ts";

/** Keyboard navigation finds tiles by this attribute. */
export const tileId = (key: string): string => `tile-${key}`;

export interface Selection {
  current: Card | undefined;
  /** Its index in the list. */
  at: number;
  chosen: readonly Card[];
  isChosen: (card: Card) => boolean;
  look: (card: Card, focus?: boolean) => void;
  /** Moves by a number of tiles or rows; `extend` selects the tiles in between. */
  move: (by: number, unit: "tile" | "row", extend?: boolean) => void;
  toggle: (card: Card, extend?: boolean) => void;
  clear: () => void;
}

/** The viewed card and the selected cards. Both follow changes of the list. */
export function useSelection(cards: readonly Card[]): Selection {
  const [looked, setLooked] = useState<string | null>(null);
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const [anchor, setAnchor] = useState<string | null>(null);
  const found = cards.findIndex((card) => keyOf(card) === looked);
  const at = found === -1 ? 0 : found;
  const current = cards[at];

  const look = (card: Card, focus = false) => {
    setLooked(keyOf(card));
    if (!focus) return;
    const tile = document.getElementById(tileId(keyOf(card)));
    tile?.focus();
    tile?.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const between = (from: number, to: number) => {
    const range = cards.slice(Math.min(from, to), Math.max(from, to) + 1);
    setKeys((before) => new Set([...before, ...range.map(keyOf)]));
  };
  const move: Selection["move"] = (by, unit, extend = false) => {
    const width = unit === "row" ? columnsOf(cards) : 1;
    const next = Math.min(cards.length - 1, Math.max(0, at + by * width));
    const card = cards[next];
    if (!card) return;
    if (extend) between(at, next);
    setAnchor(keyOf(card));
    look(card, true);
  };
  const toggle: Selection["toggle"] = (card, extend = false) => {
    const key = keyOf(card);
    const from = cards.findIndex((card) => keyOf(card) === anchor);
    if (extend && from !== -1) between(from, cards.indexOf(card));
    else setKeys((before) => (before.has(key) ? without(before, key) : new Set(before).add(key)));
    setAnchor(key);
  };
  return {
    current,
    at,
    chosen: cards.filter((card) => keys.has(keyOf(card))),
    isChosen: (card) => keys.has(keyOf(card)),
    look,
    move,
    toggle,
    clear: () => setKeys(new Set()),
  };
}

function without(keys: ReadonlySet<string>, key: string): Set<string> {
  const rest = new Set(keys);
  rest.delete(key);
  return rest;
}

/** The number of tiles in a row in the current layout. */
function columnsOf(cards: readonly Card[]): number {
  const tops = cards.map((card) => document.getElementById(tileId(keyOf(card)))?.getBoundingClientRect().top);
  const second = tops.findIndex((top) => top !== undefined && tops[0] !== undefined && top > tops[0] + 1);
  return second === -1 ? cards.length : second;
}
