import { Anchor, Stack, Text, Timeline } from "@mantine/core";
import { Link } from "wouter";
import { ActButton } from "../../parts/act-button.tsx";
import { Said } from "../../parts/delivery-reason.tsx";
import { JsonShown } from "../../parts/json-shown.tsx";
import { StateBadge } from "../../parts/state.tsx";
import { Subject } from "../../parts/subject.tsx";
import { When } from "../../parts/when.tsx";
import { WithheldShown } from "../../parts/withheld.tsx";
import { paths } from "../../paths.ts";
import { handlerWords } from "../../texts/handlers.ts";
import { texts } from "../../texts.ts";
import { Changes } from "./changes.tsx";
import type { Attempt, Delivery, Story } from "./story.ts";

const words = texts.record;

interface DeliveriesProps {
  story: Story;
  missing: readonly string[];
  replay: (handler: string) => void;
}

/** Each delivery with its attempts, as a timeline. */
export function Deliveries({ story, missing, replay }: DeliveriesProps) {
  const { deliveries, publicId, verdict, erasedAt } = story.record;
  return (
    <Stack gap="lg">
      {deliveries.length === 0 && missing.length === 0 && <Text size="sm">{words.noDeliveries}</Text>}
      {missing.length > 0 && <Text size="sm">{words.missing(missing.join(", "))}</Text>}
      {deliveries.map((delivery) => (
        <DeliveryCard
          key={delivery.id}
          delivery={delivery}
          publicId={publicId}
          secretName={verdict?.secretName ?? null}
          decision={decisionOf(story)}
          replay={erasedAt === null ? () => replay(delivery.handler) : null}
        />
      ))}
    </Stack>
  );
}

interface DeliveryCardProps {
  delivery: Delivery;
  publicId: string | null;
  /** The secret that signed the notification. */
  secretName: string | null;
  /** The decision that its notification contains. */
  decision: string | null;
  /** null: its notification is erased. */
  replay: (() => void) | null;
}

function DeliveryCard({ delivery, publicId, secretName, decision, replay }: DeliveryCardProps) {
  const { handler, state, lastError, attempts, result } = delivery;
  const said = handlerWords(handler, state === "held" ? lastError : null, failedOf(delivery, decision));
  return (
    <article className="delivery" aria-label={handler}>
      <div className="delivery-head">
        <strong>{handler}</strong>
        <Subject of={delivery} />
        <StateBadge state={state} />
        <Next delivery={delivery} />
        {state === "held" && handler === "moderation" ? (
          <Anchor component={Link} to={paths.heldPictures} size="sm">
            {texts.stuck.decide}
          </Anchor>
        ) : (
          state !== "running" &&
          replay !== null && (
            <ActButton
              size="compact-sm"
              variant={said.red ? "light" : "default"}
              {...(said.red && { color: "red" })}
              onClick={replay}
            >
              {said.again}…
            </ActButton>
          )
        )}
      </div>
      <Said state={state} reason={lastError} />
      {state === "held" && lastError === "not-confirmed" && (
        <WithheldShown result={result} secretName={secretName} />
      )}
      {attempts.length > 0 && (
        <Timeline bulletSize={12} lineWidth={2} active={attempts.length - 1} color="gray">
          {attempts.map((attempt) => (
            <Timeline.Item key={attempt.number} title={words.attempt(attempt.number)}>
              <AttemptLine attempt={attempt} known={lastError} />
            </Timeline.Item>
          ))}
        </Timeline>
      )}
      <Changes handler={handler} result={result} publicId={publicId} />
      {result !== null && (
        <details>
          <summary>{words.result}</summary>
          <JsonShown value={result} label={words.result} />
        </details>
      )}
    </article>
  );
}

/** The last decision that a notification contains. */
export const decisionOf = ({ shown }: Story): string | null => shown.decisions.at(-1)?.status ?? null;

/** For the words of a delivery that failed: what it was about to do. */
export const failedOf = ({ state }: Delivery, decision: string | null) =>
  state === "dead" && decision !== null ? { decision } : undefined;

function Next({ delivery: { state, dueAt, settledAt } }: { delivery: Delivery }) {
  if (state === "due")
    return (
      <span className="quiet small">
        {Date.parse(dueAt) > Date.now() ? words.nextTry : words.dueSince} <When at={dueAt} />
      </span>
    );
  return (
    <span className="quiet small">
      <When at={settledAt} />
    </span>
  );
}

function AttemptLine({ attempt, known }: { attempt: Attempt; known: string | null }) {
  const { startedAt, endedAt, outcome, error } = attempt;
  const ms = endedAt === null ? null : Math.max(0, Date.parse(endedAt) - Date.parse(startedAt));
  return (
    <>
      <span className="small">
        {outcome ?? texts.states.running}
        <span className="quiet">
          {" "}
          · <When at={startedAt} exact />
          {ms !== null && ` · ${words.took(ms)}`}
        </span>
      </span>
      {error !== null && error !== known && <p className="said small">{error}</p>}
    </>
  );
}
