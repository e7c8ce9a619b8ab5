import { Button, Kbd, Modal } from "@mantine/core";
import { useCallback, useState } from "react";
import { useKeys, useKeysOn } from "../../keys.ts";
import { CloudCounts, countClouds } from "../../parts/cloud.tsx";
import type { Told } from "../../parts/toast.tsx";
import { useMayAct } from "../../session.ts";
import { texts } from "../../texts.ts";
import { ActDialog } from "./act-dialog.tsx";
import { actsOn, type Chosen, followsOf, labelOf } from "./acts.ts";
import { type Card, type CardPage, isSensitive, keyOf, type Show } from "./cards.ts";
import { JudgedPicture } from "./judged-picture.tsx";
import type { Size } from "./looks.tsx";
import { Panel } from "./panel.tsx";
import { Tile } from "./tile.tsx";
import { useActs } from "./use-acts.ts";
import { type Selection, useSelection } from "./use-selection.ts";

const words = texts.board;

interface WallProps {
  page: CardPage;
  show: Show;
  size: Size;
  /** Sensitive pictures start blurred. */
  blurs: boolean;
  waiting: (on: boolean) => void;
  tell: (told: Told | null) => void;
}

/** All pictures, next to the one being viewed. */
export function Wall({ page, show, size, blurs, waiting, tell }: WallProps) {
  const { cards, more, deletions } = page;
  const selection = useSelection(cards);
  const [enlarged, setEnlarged] = useState(false);
  /** The key of the picture that is shown although it would be blurred, until another one is viewed. */
  const [revealed, setRevealed] = useState<string | null>(null);
  const blursOut = (card: Card) => blurs && isSensitive(card) && keyOf(card) !== revealed;
  const reveal = (card: Card) => setRevealed(keyOf(card) === revealed ? null : keyOf(card));
  const [keysOn] = useKeysOn();
  const canChoose = useMayAct() && show !== "decided";
  /** Moves to the next card without an action. */
  const next = useCallback(
    (done: readonly Card[]) => {
      const keys = new Set(done.map(keyOf));
      selection.clear();
      const after = cards.slice(selection.at + 1).find((card) => !keys.has(keyOf(card)));
      if (after) selection.look(after, true);
    },
    [cards, selection],
  );
  const acts = useActs({ waiting, tell, next });
  const { current, chosen } = selection;
  const begin = (place: 0 | 1) => {
    const subjects = chosen.length > 0 ? chosen : current ? [current] : [];
    if (canChoose) acts.begin(placed(subjects, place));
  };
  useKeys({
    arrowleft: () => selection.move(-1, "tile"),
    arrowright: () => selection.move(1, "tile"),
    arrowup: () => selection.move(-1, "row"),
    arrowdown: () => selection.move(1, "row"),
    ...(canChoose && {
      "shift+arrowleft": () => selection.move(-1, "tile", true),
      "shift+arrowright": () => selection.move(1, "tile", true),
      "shift+arrowup": () => selection.move(-1, "row", true),
      "shift+arrowdown": () => selection.move(1, "row", true),
      a: () => begin(0),
      r: () => begin(1),
      x: () => current && selection.toggle(current),
      escape: () => (chosen.length > 0 ? selection.clear() : tell(null)),
    }),
    ...(blurs && { b: () => current && reveal(current) }),
    " ": () => current && setEnlarged(true),
  });
  if (!current) return null;
  const position = words.position(selection.at + 1, `${cards.length}${more ? "+" : ""}`);
  return (
    <>
      <div className="wall">
        <div className="wall-side">
          <ul className="tiles" data-size={size}>
            {cards.map((card) => (
              <Tile
                key={keyOf(card)}
                card={card}
                blurred={blursOut(card)}
                show={show}
                current={card === current}
                chosen={selection.isChosen(card)}
                sent={acts.isSent(card)}
                toggle={canChoose ? (extend) => selection.toggle(card, extend) : null}
                look={() => selection.look(card)}
                enlarge={() => setEnlarged(true)}
              />
            ))}
          </ul>
          {canChoose && chosen.length > 0 && (
            <ChosenBar selection={selection} keysOn={keysOn} progress={acts.progress} begin={acts.begin} />
          )}
        </div>
        <Panel
          card={current}
          blurred={blursOut(current)}
          reveal={() => reveal(current)}
          show={show}
          position={position}
          cap={deletions}
          sent={acts.isSent(current)}
          reason={acts.reason}
          setReason={acts.setReason}
          hasChosen={chosen.length > 0}
          chosen={selection.isChosen(current)}
          toggle={() => selection.toggle(current)}
          keysOn={keysOn}
          enlarge={() => setEnlarged(true)}
          begin={(act) => acts.begin([{ card: current, act }])}
          undo={() => acts.undo(current)}
        />
      </div>
      {acts.asking && (
        <ActDialog
          chosen={acts.asking}
          cap={deletions}
          reason={acts.reason}
          isBlurred={blursOut}
          confirm={acts.confirm}
          close={acts.cancel}
        />
      )}
      {enlarged && (
        <Modal
          opened
          fullScreen
          onClose={() => setEnlarged(false)}
          title={current.name}
          closeButtonProps={{ "aria-label": texts.close }}
          classNames={{ body: "enlarged", content: "enlarged-content" }}
        >
          <JudgedPicture
            key={keyOf(current)}
            card={current}
            size="whole"
            alt={current.name}
            blurred={blursOut(current)}
          />
        </Modal>
      )}
    </>
  );
}

/** The first or second action of each card. */
function placed(cards: readonly Card[], place: 0 | 1): Chosen[] {
  return cards.flatMap((card) => {
    const act = actsOn(card)[place];
    return act ? [{ card, act }] : [];
  });
}

interface ChosenBarProps {
  selection: Selection;
  keysOn: boolean;
  progress: ReturnType<typeof useActs>["progress"];
  begin: (chosen: readonly Chosen[]) => void;
}

/** The combined effects of an action on the selection. */
function ChosenBar({ selection, keysOn, progress, begin }: ChosenBarProps) {
  const { chosen } = selection;
  if (progress)
    return (
      <div className="chosen-bar" role="status">
        {words.progress(progress.done, progress.all)}
        <Button size="xs" variant="default" onClick={progress.stop}>
          {texts.stuck.stop}
        </Button>
      </div>
    );
  const choices = ([0, 1] as const).map((place) => placed(chosen, place));
  return (
    <section className="chosen-bar" aria-label={words.chosen(chosen.length)}>
      <div className="chosen-text">
        <strong>{words.chosen(chosen.length)}</strong>
        <CloudCounts counts={countClouds(chosen)} />
        {choices.map((choice, index) => (
          <span key={labelOf(choice)} className="chosen-follows">
            {keysOn && <Kbd size="xs">{index === 0 ? "A" : "R"}</Kbd>} {followsOf(choice)}
          </span>
        ))}
      </div>
      <div className="chosen-acts">
        <Button size="sm" variant="subtle" color="gray" className="chosen-clear" onClick={selection.clear}>
          {words.clear}
        </Button>
        {choices.toReversed().map((choice) => (
          <Button
            key={labelOf(choice)}
            size="sm"
            className={`chosen-act ${choice.some(({ act }) => act.tone === "delete") ? "delete" : ""}`}
            onClick={() => begin(choice)}
          >
            {labelOf(choice)}
            {choice.some(({ act }) => act.needsReason) ? "…" : ""}
          </Button>
        ))}
      </div>
    </section>
  );
}
