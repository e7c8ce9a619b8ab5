import { Button } from "@mantine/core";
import { useState } from "react";
import { CloudCounts, countClouds } from "../../parts/cloud.tsx";
import { ReasonDialog } from "../../parts/reason-dialog.tsx";
import { texts } from "../../texts.ts";
import { type Chosen, followsOf, labelOf } from "./acts.ts";
import { type Card, type CardPage, keyOf } from "./cards.ts";
import { JudgedPicture } from "./judged-picture.tsx";

const words = texts.board;

interface ActDialogProps {
  chosen: readonly Chosen[];
  cap: CardPage["deletions"];
  reason: string;
  /** Whether its picture starts blurred. */
  isBlurred: (card: Card) => boolean;
  confirm: (reason: string) => void;
  close: () => void;
}

/** The number of pictures shown; the rest is only counted. */
const maxShown = 8;

/** Asks for the reason of a deletion or an override, and shows the pictures concerned. */
export function ActDialog({ chosen, cap, reason, isBlurred, confirm, close }: ActDialogProps) {
  const label = labelOf(chosen);
  const [isRevealed, setRevealed] = useState(false);
  const hides = chosen.slice(0, maxShown).some(({ card }) => isBlurred(card)) && !isRevealed;
  const deletions = chosen.filter(({ act }) => act.effect === "delete");
  const capped = deletions.filter(({ act }) => act.verb === "reject").length;
  const [only] = chosen.length === 1 ? chosen : [];
  const final = deletions.some(({ act }) => act.final);
  return (
    <ReasonDialog
      title={only ? `${label}: ${only.card.name}` : label}
      lead={[
        only ? only.act.sentence : `${capital(followsOf(chosen))}.`,
        final && !only ? words.dialog.irreversible : "",
        capped > 0 ? words.dialog.cap(cap.left, cap.max) : "",
        capped > cap.left ? words.dialog.beyond(capped - cap.left) : "",
      ]
        .filter(Boolean)
        .join(" ")}
      go={label}
      color={final ? "red" : "blue"}
      initial={reason}
      close={close}
      act={async (said) => confirm(said.reason)}
    >
      <CloudCounts counts={countClouds(chosen.map(({ card }) => card))} />
      {hides && (
        <Button size="compact-sm" variant="default" onClick={() => setRevealed(true)}>
          {chosen.length === 1 ? words.reveal : words.revealAll}
        </Button>
      )}
      <ul className="asked-pictures" data-single={only ? true : undefined}>
        {chosen.slice(0, maxShown).map(({ card, act }) => (
          <li key={keyOf(card)} data-tone={act.tone}>
            <JudgedPicture card={card} size="tile" alt={card.name} blurred={hides && isBlurred(card)} />
            {!only && <span className="small">{labelOf([{ card, act }])}</span>}
          </li>
        ))}
        {chosen.length > maxShown && (
          <li className="quiet small">{words.others(chosen.length - maxShown)}</li>
        )}
      </ul>
    </ReasonDialog>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
