import { Button, Checkbox, TextInput, UnstyledButton } from "@mantine/core";
import { Link } from "wouter";
import { own } from "../../../../lib/shared/own.ts";
import { CloudName } from "../../parts/cloud.tsx";
import { KeyHints } from "../../parts/keys-help.tsx";
import { When } from "../../parts/when.tsx";
import { WithheldShown } from "../../parts/withheld.tsx";
import { paths } from "../../paths.ts";
import { useMayAct } from "../../session.ts";
import { texts } from "../../texts.ts";
import { type Act, actsOn, labelOf } from "./acts.ts";
import type { Card, CardPage, Show } from "./cards.ts";
import { JudgedPicture, LockSign } from "./judged-picture.tsx";
import { kindOf, statusOf } from "./tile.tsx";

const words = texts.board;

interface PanelProps {
  card: Card;
  blurred: boolean;
  /** Shows the blurred picture, or blurs it again. */
  reveal: () => void;
  show: Show;
  position: string;
  cap: CardPage["deletions"];
  sent: boolean;
  reason: string;
  setReason: (reason: string) => void;
  /** Keys act on the selection, if there is one. */
  hasChosen: boolean;
  chosen: boolean;
  toggle: () => void;
  keysOn: boolean;
  enlarge: () => void;
  begin: (act: Act) => void;
  undo: () => void;
}

/** The viewed picture, uncropped, with the reason for its review and the effect of each button. */
export function Panel(props: PanelProps) {
  const { card, blurred, reveal, show, position, sent, enlarge } = props;
  const mayAct = useMayAct();
  return (
    <section className="panel-judged" aria-label={card.name}>
      <div className="stage">
        <JudgedPicture
          key={`${card.assetId} ${card.version}`}
          card={card}
          size="whole"
          alt={card.name}
          blurred={blurred}
        />
        {blurred && (
          <Button size="compact-sm" variant="default" className="stage-reveal" onClick={reveal}>
            {words.reveal}
          </Button>
        )}
        {card.picture.by !== "none" && (
          <Button size="compact-xs" variant="default" className="stage-enlarge" onClick={enlarge}>
            {words.enlarge}
          </Button>
        )}
      </div>
      <div className="judged-text">
        <div className="judged-head">
          <h2 className="judged-name">
            <bdi>{card.name}</bdi>
          </h2>
          {card.restricted ? (
            <span className="locked">
              <LockSign /> {words.restricted}
            </span>
          ) : (
            <span className="quiet small">{words.public}</span>
          )}
          <span className="quiet small judged-position">{position}</span>
        </div>
        <p className="quiet small judged-line">
          <bdi>{card.publicId ?? card.assetId}</bdi> · <When at={card.decidedAt} />
          {card.notificationId !== null && (
            <>
              {" · "}
              <Link to={paths.record(card.notificationId)}>{words.open}</Link>
            </>
          )}{" "}
          <CloudName cloud={card.cloud} />
        </p>
        <Why card={card} show={show} />
        {sent ? <p className="judged-sent">{words.sent}</p> : mayAct ? <ActArea {...props} /> : null}
        {mayAct && props.keysOn && show !== "decided" && <BoardKeys />}
      </div>
    </section>
  );
}

/** The reason for its review, or its outcome. */
function Why({ card, show }: { card: Card; show: Show }) {
  if (show === "held") {
    const reason = card.heldFor ?? "";
    return (
      <>
        <p className="judged-line">
          {kindOf(card)}: <strong>{statusOf(card)}</strong>
        </p>
        <p className="judged-line">{own(texts.held, reason) ?? reason}</p>
        <WithheldShown result={card.result} secretName={card.secretName} />
      </>
    );
  }
  if (show === "decided")
    return (
      <p className="judged-line">
        {kindOf(card)}: <strong>{statusOf(card)}</strong>.{" "}
        {card.carriedOutAt === null
          ? (own(words.planned, card.action) ?? card.action)
          : (own(words.outcome, card.action) ?? card.action)}
        {card.carriedOutAt !== null && (
          <span className="quiet">
            , <When at={card.carriedOutAt} />
          </span>
        )}
      </p>
    );
  return <p className="judged-line">{whyOf(card)}</p>;
}

function whyOf(card: Card): string {
  if (card.takenBack) return words.why.takenBack;
  if (card.backgroundRemoved) return words.why.removed;
  return card.kind === "manual" ? words.why.manual : words.why.other(kindOf(card));
}

function ActArea(props: PanelProps) {
  const { card, show, cap, reason, setReason, hasChosen, chosen, toggle, keysOn, begin, undo } = props;
  const acts = actsOn(card);
  if (show === "decided" && card.canTakeBack)
    return (
      <div className="act-buttons">
        <div className="act">
          <UnstyledButton
            className="act-button quiet"
            onClick={undo}
            aria-label={`${words.takeBack} ${card.name}`}
          >
            {words.takeBack}
          </UnstyledButton>
          <p className="act-sentence">{words.sentence.takeBack}</p>
        </div>
      </div>
    );
  if (acts.length === 0) return null;
  const needed = acts.some(({ needsReason }) => needsReason);
  const counted = acts.some(({ verb, effect }) => verb === "reject" && effect === "delete");
  return (
    <>
      <div className="act-buttons">
        {acts.map((act, index) => (
          <div key={act.verb} className="act">
            <ActOn
              act={act}
              card={card}
              asks={act.needsReason && reason.trim() === ""}
              shortcut={keysOn && !hasChosen ? (index === 0 ? "A" : "R") : undefined}
              begin={begin}
            />
            <p className="act-sentence">{act.sentence}</p>
          </div>
        ))}
      </div>
      {counted && (
        <p className="small quiet">
          {cap.left === 0 ? words.capReached(cap.max) : words.cap(cap.left, cap.max)}
        </p>
      )}
      <TextInput
        size="xs"
        label={needed ? words.reason : words.optional}
        description={words.reasonRun}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Checkbox
        size="sm"
        mt="sm"
        className="choose-this"
        label={words.chooseThis}
        checked={chosen}
        onChange={toggle}
      />
    </>
  );
}

interface ActOnProps {
  act: Act;
  card: Card;
  /** With an ellipsis: a dialog follows. */
  asks: boolean;
  begin: (act: Act) => void;
  shortcut: string | undefined;
}

function ActOn({ act, card, asks, shortcut, begin }: ActOnProps) {
  const label = `${labelOf([{ card, act }])}${asks ? "…" : ""}`;
  return (
    <UnstyledButton
      className={`act-button ${act.tone}`}
      aria-keyshortcuts={shortcut}
      onClick={() => begin(act)}
      aria-label={`${label} ${card.name}`}
    >
      {label}
    </UnstyledButton>
  );
}

function BoardKeys() {
  const { keys } = words;
  return (
    <KeyHints
      keys={[
        ["← →", keys.move],
        ["X", keys.choose],
        ["Space", keys.enlarge],
        ["Z", keys.takeBack],
      ]}
    />
  );
}
