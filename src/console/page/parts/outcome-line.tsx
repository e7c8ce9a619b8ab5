import type { Outcome } from "../../shared/outcome.ts";
import { texts } from "../texts.ts";
import { Icon } from "./icon.tsx";
import { Tag } from "./tag.tsx";
import { When } from "./when.tsx";

/** The outcome of a notification: one badge for the most severe problem, plain text for what succeeded. */
export function OutcomeLine({
  outcome,
}: {
  outcome: (Omit<Outcome, "dueAt"> & { dueAt: string | null }) | null;
}) {
  const words = texts.outcomes;
  if (outcome === null) return <span className="outcome fine quiet small">{words.recorded}</span>;
  const { state, title, detail, dueAt, attempts, others, handler } = outcome;
  const more = others > 0 && <span className="small quiet"> {words.others(others)}</span>;
  switch (state) {
    case "dead":
    case "held":
      return (
        <span className="outcome">
          <Tag
            tone={state === "dead" ? "bad" : "warn"}
            {...(state === "held" && handler === "moderation" && { icon: "clock" as const })}
          >
            {title}
          </Tag>
          {more} {detail !== null && <span className="small quiet outcome-detail">{detail}</span>}
        </span>
      );
    case "due":
    case "running":
      if (attempts === 0 || state === "running")
        return (
          <span className="outcome fine small quiet">
            <Icon name="retry" /> {title}
          </span>
        );
      return (
        <span className="outcome">
          <Tag tone="info">{title}</Tag>
          {more}{" "}
          <span className="small quiet outcome-detail">
            {dueAt !== null && (
              <>
                <When at={dueAt} />,{" "}
              </>
            )}
            {words.attempts(attempts)}
          </span>
        </span>
      );
    case "done":
      return (
        <span className="outcome fine small quiet">
          <span className="fine-sign">
            <Icon name="check" />
          </span>{" "}
          {title}
        </span>
      );
    case "skipped":
      return (
        <span className="outcome fine small quiet">
          <Icon name="dash" /> {title}
        </span>
      );
    default:
      return state satisfies never;
  }
}
