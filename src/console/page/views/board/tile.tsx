import { Checkbox } from "@mantine/core";
import { own } from "../../../../lib/shared/own.ts";
import { When } from "../../parts/when.tsx";
import { texts } from "../../texts.ts";
import { type Card, keyOf, type Show } from "./cards.ts";
import { JudgedPicture, LockSign } from "./judged-picture.tsx";
import { tileId } from "./use-selection.ts";

const words = texts.board;

interface TileProps {
  card: Card;
  blurred: boolean;
  show: Show;
  current: boolean;
  chosen: boolean;
  /** Sent to Cloudinary and not confirmed yet. */
  sent: boolean;
  /** null: no action on several. */
  toggle: ((extend: boolean) => void) | null;
  look: () => void;
  enlarge: () => void;
}

/** One picture in the grid: clicking views it, its checkbox selects it. Only the viewed one is a tab stop. */
export function Tile({ card, blurred, show, current, chosen, sent, toggle, look, enlarge }: TileProps) {
  const status = statusOf(card);
  return (
    <li
      className="tile"
      data-current={current || undefined}
      data-chosen={chosen || undefined}
      data-sent={sent || undefined}
    >
      <button
        type="button"
        id={tileId(keyOf(card))}
        className="tile-look"
        data-keys
        tabIndex={current ? 0 : -1}
        aria-current={current ? "true" : undefined}
        onClick={(event) => (event.shiftKey && toggle ? toggle(true) : look())}
        onDoubleClick={enlarge}
        onFocus={look}
      >
        <span className="hidden-text">
          {[
            words.look(card.name),
            status,
            card.restricted ? words.restricted : "",
            blurred ? words.blurred : "",
          ]
            .filter(Boolean)
            .join(", ")}
        </span>
        <JudgedPicture card={card} size="tile" alt="" blurred={blurred} />
      </button>
      {toggle && !sent && (
        <Checkbox
          className="tile-choose"
          tabIndex={current ? 0 : -1}
          checked={chosen}
          aria-label={words.choose(card.name)}
          onChange={(event) =>
            toggle(event.nativeEvent instanceof PointerEvent && event.nativeEvent.shiftKey)
          }
        />
      )}
      {card.restricted && (
        <span className="tile-lock" title={words.restricted}>
          <LockSign />
        </span>
      )}
      <span className="tile-foot">
        <bdi className="tile-name">{card.name}</bdi>
        <span className="tile-line quiet">
          <span>
            {sent ? words.sentShort : show === "pending" && !card.takenBack ? kindOf(card) : status}
          </span>
          <When at={card.decidedAt} />
        </span>
      </span>
    </li>
  );
}

export const kindOf = ({ kind }: Card): string => own(words.kind, kind) ?? kind;

export function statusOf({ status, takenBack }: Card): string {
  const name = takenBack ? "taken-back" : status;
  return own(words.status, name) ?? name;
}
