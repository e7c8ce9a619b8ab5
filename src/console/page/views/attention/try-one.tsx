import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { answer, api } from "../../api.ts";
import { problemText } from "../../parts/problem.tsx";
import { Tag } from "../../parts/tag.tsx";
import { queries } from "../../queries.ts";
import { texts } from "../../texts.ts";
import type { StuckDelivery } from "./batch.ts";

const words = texts.stuck;

/** A single delivery that was made due again to see whether the cause is fixed. */
export interface Trial {
  state: "trying" | "queued" | "worked" | "failed" | "error";
  name: string;
  why: string;
}

/** After this time the page stops waiting in front of the person; the result still appears. */
const patienceMs = 20_000;
const lookMs = 1_500;

/** Replays one delivery and tells on the spot what came of it. */
export function useTryOne(): { trial: Trial | null; start: (delivery: StuckDelivery) => void } {
  const [tried, setTried] = useState<{ delivery: StuckDelivery; since: number } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const story = useQuery({
    queryKey: ["story", tried?.delivery.notificationId, "trial"],
    queryFn: () =>
      answer(api.notifications[":id"].story.$get({ param: { id: tried?.delivery.notificationId ?? "" } })),
    enabled: tried !== null && error === null,
    refetchInterval: ({ state }) => (endOf(state.data, tried?.delivery.id) === null ? lookMs : false),
  });
  const end = endOf(story.data, tried?.delivery.id);
  useEffect(() => {
    if (end !== null) void queries.invalidateQueries({ queryKey: ["stuck"] });
  }, [end]);
  const start = (delivery: StuckDelivery) => {
    setError(null);
    setTried({ delivery, since: Date.now() });
    answer(
      api.deliveries[":id"].replay.$post({
        param: { id: delivery.id },
        json: { reason: words.tryReason, deletes: 0 },
      }),
    )
      .then(() => queries.invalidateQueries())
      .catch(setError);
  };
  if (tried === null) return { trial: null, start };
  const name = tried.delivery.name ?? tried.delivery.publicId ?? tried.delivery.happened;
  if (error !== null) return { trial: { state: "error", name, why: problemText(error) }, start };
  if (end === null) {
    const state = Date.now() - tried.since > patienceMs ? "queued" : "trying";
    return { trial: { state, name, why: "" }, start };
  }
  return { trial: { ...end, name }, start };
}

type Story = Awaited<ReturnType<typeof readStory>>;
const readStory = (id: string) => answer(api.notifications[":id"].story.$get({ param: { id } }));

function endOf(story: Story | undefined, deliveryId: string | undefined): Omit<Trial, "name"> | null {
  const found = story?.record.deliveries.find(({ id }) => id === deliveryId);
  if (!found || found.state === "running" || found.state === "due") return null;
  if (found.state === "dead" || found.state === "held")
    return { state: "failed", why: found.lastError ?? "" };
  return { state: "worked", why: "" };
}

export function TrialLine({ trial }: { trial: Trial | null }) {
  return (
    <p role="status" className="trial">
      {trial?.state === "trying" && <Tag tone="info">{words.trying(trial.name)}</Tag>}
      {trial?.state === "queued" && <Tag tone="info">{words.stillQueued(trial.name)}</Tag>}
      {trial?.state === "worked" && <Tag tone="good">{words.worked(trial.name)}</Tag>}
      {trial?.state === "failed" && (
        <Tag tone="bad">
          {words.again(trial.name)}: {trial.why}
        </Tag>
      )}
      {trial?.state === "error" && <Tag tone="bad">{trial.why}</Tag>}
    </p>
  );
}
