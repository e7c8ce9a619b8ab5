import { Badge } from "@mantine/core";
import { texts } from "../texts.ts";

export type State = keyof typeof texts.states;

const looks: Readonly<Record<State, { color: string; sign: string }>> = {
  due: { color: "blue", sign: "◌" },
  running: { color: "cyan", sign: "▸" },
  done: { color: "green", sign: "✓" },
  skipped: { color: "gray", sign: "–" },
  held: { color: "orange", sign: "‖" },
  dead: { color: "red", sign: "✕" },
  none: { color: "gray", sign: "·" },
};

/** A delivery's state as colour, sign and text, so that none of them is needed alone. */
export function StateBadge({ state, label }: { state: State; label?: string }) {
  const { color, sign } = looks[state];
  return (
    <Badge
      className="state"
      variant="light"
      color={color}
      radius="sm"
      leftSection={<span aria-hidden="true">{sign}</span>}
      title={label === undefined ? undefined : `${label}: ${texts.states[state]}`}
    >
      {label === undefined ? (
        texts.states[state]
      ) : (
        <>
          {label}
          <span className="hidden-text">: {texts.states[state]}</span>
        </>
      )}
    </Badge>
  );
}

/** The states of a notification's deliveries: one badge per handler. */
export function States({ deliveries }: { deliveries: readonly { handler: string; state: State }[] }) {
  if (deliveries.length === 0) return <StateBadge state="none" />;
  const groups = Map.groupBy(deliveries, ({ handler, state }) => `${handler} ${state}`);
  return [...groups].map(([key, [first, ...others]]) =>
    first ? (
      <StateBadge
        key={key}
        state={first.state}
        label={others.length > 0 ? `${first.handler} ×${others.length + 1}` : first.handler}
      />
    ) : null,
  );
}
