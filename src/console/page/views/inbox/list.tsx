import { dayOf } from "../../parts/when.tsx";
import { texts } from "../../texts.ts";
import type { Listed } from "./listed.ts";
import { InboxRow } from "./row.tsx";

interface InboxListProps {
  rows: readonly Listed[];
  arrived: ReadonlySet<string>;
}

/** The rows, under the days on which they came. */
export function InboxList({ rows, arrived }: InboxListProps) {
  const days = [...Map.groupBy(rows, ({ receivedAt }) => new Date(receivedAt).toDateString())];
  return (
    <div className="panel inbox">
      {days.map(([day, some]) => (
        <section key={day} aria-label={dayName(day)}>
          <h2 className="day">
            <strong>{relativeDay(day)}</strong> <span>{dayOf(new Date(day))}</span>
          </h2>
          <ul className="inbox-rows">
            {some.map((row) => (
              <InboxRow key={row.id} row={row} arrived={arrived.has(row.id)} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

const dayMs = 24 * 60 * 60_000;

function relativeDay(day: string): string {
  const now = new Date();
  if (now.toDateString() === day) return texts.today;
  return new Date(now.getTime() - dayMs).toDateString() === day ? texts.yesterday : "";
}

const dayName = (day: string): string => `${relativeDay(day)} ${dayOf(new Date(day))}`.trim();
