import { useEffect, useRef, useState } from "react";
import { ApiProblem } from "../../api.ts";
import { problemText } from "../../parts/problem.tsx";
import type { Told } from "../../parts/toast.tsx";
import { queries } from "../../queries.ts";
import { texts } from "../../texts.ts";
import { type Chosen, doneOf } from "./acts.ts";
import { type Card, keyOf } from "./cards.ts";
import { carryOut, minReason, takeBack } from "./decide.ts";

const words = texts.board;

export interface Acts {
  begin: (chosen: readonly Chosen[]) => void;
  /** Takes a decision back. */
  undo: (card: Card) => void;
  /** The actions that the dialog asks a reason for. */
  asking: readonly Chosen[] | null;
  confirm: (reason: string) => void;
  cancel: () => void;
  reason: string;
  setReason: (reason: string) => void;
  /** The progress of several actions. */
  progress: { done: number; all: number; stop: () => void } | null;
  /** Sent, but not yet confirmed by Cloudinary. */
  isSent: (card: Card) => boolean;
}

/** Performs actions one after another and reports the results. One reason applies until the view is left. */
export function useActs({
  waiting,
  tell,
  next,
}: {
  waiting: (on: boolean) => void;
  /** Reports what was done, even after the last card has left the list. */
  tell: (told: Told | null) => void;
  next: (done: readonly Card[]) => void;
}): Acts {
  const [reason, setReason] = useState("");
  const [asking, setAsking] = useState<readonly Chosen[] | null>(null);
  const [progress, setProgress] = useState<{ done: number; all: number } | null>(null);
  const [sent, setSent] = useState<ReadonlySet<string>>(new Set());
  const stopped = useRef(false);
  useEffect(() => waiting(sent.size > 0), [waiting, sent]);

  const begin = (wanted: readonly Chosen[]) => {
    const chosen = wanted.filter(({ card }) => !sent.has(keyOf(card)));
    if (chosen.length === 0 || progress !== null) return;
    const lasting = chosen.some(({ act }) => act.needsReason);
    if (lasting && (chosen.length > 1 || reason.trim().length < minReason)) setAsking(chosen);
    else void run(chosen, reason.trim());
  };

  async function run(chosen: readonly Chosen[], why: string): Promise<void> {
    stopped.current = false;
    const done: Chosen[] = [];
    let failed: unknown = null;
    next(chosen.map(({ card }) => card));
    for (const target of chosen) {
      if (stopped.current) break;
      if (chosen.length > 1) setProgress({ done: done.length, all: chosen.length });
      try {
        await carryOut(target, why);
        done.push(target);
        setSent((before) => new Set(before).add(keyOf(target.card)));
      } catch (error) {
        failed ??= error;
        // Not specific to this card: the others would fail the same way.
        if (!(error instanceof ApiProblem) || error.status !== 409) break;
      }
    }
    setProgress(null);
    tell({
      ...toldOf(chosen, done, failed),
      ...undoing(
        done.map(({ card }) => card),
        done.every(({ act }) => act.undo),
      ),
    });
    await queries.invalidateQueries();
  }

  const undoing = (cards: readonly Card[], possible = true): Pick<Told, "takeBack"> =>
    possible && cards.length > 0 ? { takeBack: () => void undo(cards) } : {};

  async function undo(cards: readonly Card[]): Promise<void> {
    const left = [...cards];
    try {
      for (const card of cards) {
        await takeBack(card, reason.trim());
        left.shift();
        setSent((before) => new Set([...before].filter((key) => key !== keyOf(card))));
      }
      const [only] = cards;
      tell({
        text: cards.length === 1 && only ? words.takenBack(only.name) : words.takenBackMany(cards.length),
      });
    } catch (error) {
      tell({ text: saidOf(error), failed: true, ...undoing(left) });
    }
    await queries.invalidateQueries();
  }

  return {
    begin,
    undo: (card) => void undo([card]),
    asking,
    confirm(why) {
      setReason(why);
      setAsking(null);
      if (asking) void run(asking, why);
    },
    cancel: () => setAsking(null),
    reason,
    setReason,
    progress: progress && {
      ...progress,
      stop() {
        stopped.current = true;
      },
    },
    isSent: (card) => sent.has(keyOf(card)),
  };
}

function toldOf(chosen: readonly Chosen[], done: readonly Chosen[], failed: unknown): Told {
  if (failed !== null) {
    const why = saidOf(failed);
    const text = chosen.length === 1 ? why : words.partly(done.length, chosen.length, why);
    return { text, failed: true };
  }
  const [first] = done;
  if (done.length === 1 && chosen.length === 1 && first) return { text: doneOf(first) };
  if (done.length < chosen.length) return { text: words.partly(done.length, chosen.length, "") };
  return { text: words.several(done.length) };
}

/** In the board's own words, where it has some. */
const saidOf = (error: unknown): string =>
  error instanceof ApiProblem && error.message !== "" ? error.message : problemText(error);
