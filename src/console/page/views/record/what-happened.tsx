import { Icon } from "../../parts/icon.tsx";
import { Section } from "../../parts/section.tsx";
import { dayOf, secondsOf, When } from "../../parts/when.tsx";
import { texts } from "../../texts.ts";
import { Changes } from "./changes.tsx";
import type { Story } from "./story.ts";
import { type Event, eventsOf } from "./timeline.ts";

const words = texts.record;

/** The story of a notification, from Cloudinary to the last attempt. */
export function WhatHappened({ story }: { story: Story }) {
  const events = eventsOf(story);
  const days = new Set(events.map(({ at }) => new Date(at).toDateString()));
  const [first] = events;
  return (
    <Section
      title={words.whatHappened}
      aside={
        <span className="small quiet">
          {allDone(story)}
          {first && days.size === 1 && ` ${dayOf(new Date(first.at))}, ${words.yourTime}`}
        </span>
      }
    >
      {story.record.deliveries.length === 0 && story.missing.length === 0 && (
        <p className="small quiet">{words.noDeliveries}</p>
      )}
      <ol className="events">
        {events.map((event) => (
          <EventLine key={event.key} event={event} withDay={days.size > 1} publicId={story.record.publicId} />
        ))}
      </ol>
    </Section>
  );
}

/** "Everything was done in 4 s." */
function allDone({ record }: Story): string {
  const ends = record.deliveries.map(({ settledAt }) =>
    settledAt === null ? Number.NaN : Date.parse(settledAt),
  );
  const isDone = record.deliveries.every(({ state }) => state === "done" || state === "skipped");
  if (!isDone || ends.length === 0 || ends.some(Number.isNaN)) return "";
  const ms = Math.max(0, Math.max(...ends) - Date.parse(record.receivedAt));
  return words.everythingDone(words.took(ms));
}

interface EventLineProps {
  event: Event;
  withDay: boolean;
  publicId: string | null;
}

function EventLine({ event, withDay, publicId }: EventLineProps) {
  const { at, icon, tone, who, what, why, ms, delivery } = event;
  const date = new Date(at);
  const isAhead = date.getTime() > Date.now();
  return (
    <li className="event" {...(delivery && { "data-handler": delivery.handler })}>
      <span className="event-time small quiet">
        {isAhead ? (
          <When at={at} />
        ) : (
          <time dateTime={at} title={date.toLocaleString("en")}>
            {withDay && date.toDateString() !== new Date().toDateString()
              ? `${date.toLocaleDateString("en", { day: "numeric", month: "short" })} ${secondsOf(date)}`
              : secondsOf(date)}
          </time>
        )}
      </span>
      <span className={`event-sign ${tone}`}>
        <Icon name={icon} size={12} />
      </span>
      <div className="event-says">
        <p>
          {who !== null && <strong>{who}: </strong>}
          <bdi>{what}</bdi>
        </p>
        {why !== null && (
          <p className="small quiet">
            <bdi>{why}</bdi>
          </p>
        )}
        {delivery !== null && (
          <Changes handler={delivery.handler} result={delivery.result} publicId={publicId} />
        )}
      </div>
      <span className="event-took small quiet">{ms !== null && words.took(ms)}</span>
    </li>
  );
}
