import { When } from "../../parts/when.tsx";
import { didWhat } from "../../texts/acts.ts";
import type { Story } from "./story.ts";

export function OperatorActs({ acts }: { acts: Story["acts"] }) {
  return (
    <ul className="story">
      {acts.map((act) => (
        <li key={act.id}>
          <span className="quiet small">
            <When at={act.at} />
          </span>{" "}
          <strong>{act.who}</strong>: {didWhat(act) ?? `${act.act} ${act.handler ?? ""}`}
          {act.reason !== null && <q className="small">{act.reason}</q>}
        </li>
      ))}
    </ul>
  );
}
