import { Button, Menu, UnstyledButton } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { answer, api } from "../../api.ts";
import { useCloudFilter } from "../../environment.tsx";
import { ActButton } from "../../parts/act-button.tsx";
import { CloudCounts, countClouds } from "../../parts/cloud.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Loaded, RowsWaiting } from "../../parts/problem.tsx";
import { Tag } from "../../parts/tag.tsx";
import { When } from "../../parts/when.tsx";
import { paths } from "../../paths.ts";
import { useMayAct } from "../../session.ts";
import { causeWords, meaning } from "../../texts/causes.ts";
import { releaseWords } from "../../texts/releases.ts";
import { texts } from "../../texts.ts";
import type { Batch, Cause, StuckDelivery } from "./batch.ts";
import { StuckRow } from "./stuck-row.tsx";
import { type Trial, TrialLine, useTryOne } from "./try-one.tsx";

const words = texts.stuck;

/** The element of a cause, to lead there. */
export const causeId = ({ state, handler, cause }: Pick<Cause, "state" | "handler" | "cause">): string =>
  `cause-${[...`${state} ${handler} ${cause}`].reduce((hash, letter) => (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0, 7).toString(36)}`;

const firstRows = 5;
const maxRows = 200;

interface CauseCardProps {
  cause: Cause;
  now: string;
  begin: (batch: Batch) => void;
}

/** One cause: what it means, why, what to do, whether it seems fixed, and the deliveries. */
export function CauseCard({ cause: group, now, begin }: CauseCardProps) {
  const { state, handler, cause, count } = group;
  const [limit, setLimit] = useState(firstRows);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const cloud = useCloudFilter();
  const rows = useQuery({
    queryKey: ["stuck", "rows", state, handler, cause, limit, cloud],
    queryFn: () =>
      answer(api.stuck.$get({ query: { state, handler, cause, limit: String(limit), ...cloud } })),
    placeholderData: keepPreviousData,
  });
  const deliveries = rows.data?.deliveries ?? [];
  const chosenRows = deliveries.filter(({ id }) => chosen.has(id));
  const { title, todo } = causeWords(state, handler, cause);
  const tryOne = useTryOne();
  const start = (act: Batch["act"], some?: readonly StuckDelivery[]) => {
    const release = commonRelease(some ?? deliveries, some?.length ?? count);
    begin({
      act,
      state,
      handler,
      cause,
      count: some?.length ?? count,
      ...(some && { ids: some.map(({ id }) => id) }),
      ...(release && { release }),
      filter: { handler, cause, ...cloud },
      clouds: some ? countClouds(some) : group.clouds,
      endedBefore: now,
    });
  };
  return (
    <section
      className="cause section"
      data-cause
      id={causeId(group)}
      aria-labelledby={`${causeId(group)}-title`}
    >
      <div className="cause-head">
        <div className="cause-says">
          <div className="cause-title">
            <Tag tone={state === "dead" ? "bad" : "warn"}>
              {state === "dead" ? words.failed(count) : words.held(count)}
            </Tag>
            <h2 id={`${causeId(group)}-title`}>
              <a href={`#${causeId(group)}`} className="plain">
                {title}
              </a>
            </h2>
          </div>
          <p>{meaning(state, handler, cause, count)}</p>
          <CloudCounts counts={group.clouds} />
          {todo !== null && (
            <p className="small">
              <strong>{words.todo}</strong> <span className="quiet">{todo}</span>
            </p>
          )}
          {title !== cause && state === "dead" && (
            <p className="small quiet mono-line">
              {words.says} <bdi>{cause}</bdi>
            </p>
          )}
          <Seems group={group} />
          <TrialLine trial={tryOne.trial} />
        </div>
        <CauseActs
          group={group}
          rows={deliveries}
          chosen={chosenRows}
          start={start}
          tryOne={tryOne.start}
          trial={tryOne.trial}
          clear={() => setChosen(new Set())}
        />
      </div>
      <Loaded query={rows} waiting={<RowsWaiting rows={Math.min(count, firstRows)} height={53} />}>
        {() => (
          <ul className="stuck-rows">
            {deliveries.map((delivery) => (
              <StuckRow
                key={delivery.id}
                delivery={delivery}
                chosen={chosen.has(delivery.id)}
                toggle={count > 1 ? () => setChosen((before) => toggled(before, delivery.id)) : null}
                start={(act) => start(act, [delivery])}
              />
            ))}
          </ul>
        )}
      </Loaded>
      {count > deliveries.length && deliveries.length > 0 && (
        <p className="cause-more">
          {limit < maxRows ? (
            <UnstyledButton className="textual" onClick={() => setLimit(Math.min(maxRows, limit + 50))}>
              {words.moreRows(Math.min(count - deliveries.length, maxRows))}
            </UnstyledButton>
          ) : (
            <Link to={`${paths.inbox}?state=${state}&handler=${encodeURIComponent(handler)}`}>
              {words.toQueued}
            </Link>
          )}
        </p>
      )}
    </section>
  );
}

/** What the release of these does to their pictures; null if it differs, or if not all are loaded. */
function commonRelease(some: readonly StuckDelivery[], count: number): StuckDelivery["release"] {
  const [first] = some;
  if (!first?.release || some.length < count) return null;
  const known = JSON.stringify(first.release);
  return some.every(({ release }) => JSON.stringify(release) === known) ? first.release : null;
}

function toggled(before: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id]);
}

/** Whether the cause seems fixed, by what its handler did since. */
function Seems({ group: { state, later, lastAt } }: { group: Cause }) {
  if (state === "held") return null;
  const { succeededAt } = later;
  if (succeededAt !== null && Date.parse(succeededAt) > Date.parse(lastAt))
    return (
      <p>
        <Tag tone="good">
          {words.seems.fixed} <When at={succeededAt} />
        </Tag>
      </p>
    );
  return (
    <p>
      <Tag tone="quiet" icon="clock">
        {words.seems.open} <When at={lastAt} />
      </Tag>
    </p>
  );
}

interface CauseActsProps {
  group: Cause;
  rows: readonly StuckDelivery[];
  chosen: readonly StuckDelivery[];
  start: (act: Batch["act"], some?: readonly StuckDelivery[]) => void;
  tryOne: (delivery: StuckDelivery) => void;
  trial: Trial | null;
  clear: () => void;
}

/** The acts on all of a cause, or on the chosen ones. Primary only where the page knows the right answer. */
function CauseActs({ group, rows, chosen, start, tryOne, trial, clear }: CauseActsProps) {
  const mayAct = useMayAct();
  const { state, handler, cause, count } = group;
  if (!mayAct) return null;
  const some = chosen.length > 0 ? chosen : undefined;
  const meant = some?.length ?? count;
  const [only] = some ?? rows;
  const said = releaseWords(handler, cause, state, commonRelease(some ?? rows, meant));
  const again = meant === 1 ? said.again : said.againMany(meant);
  const leave = meant === 1 ? said.leave : said.leaveMany(meant);
  if (state === "held" && handler === "moderation" && meant > 1)
    return (
      <div className="cause-acts">
        <Button component={Link} to={paths.heldPictures} variant="default" size="sm">
          {words.decide}
        </Button>
      </div>
    );
  const isJudged =
    cause === "outcome-unknown" || said.red === true || (state === "held" && handler === "moderation");
  const oldest = rows.at(-1);
  const label = (name: string) => `${name}: ${causeWords(state, handler, cause).title}`;
  return (
    <div className="cause-acts">
      <ActButton
        size="sm"
        variant={isJudged ? "default" : "filled"}
        {...(said.red && { color: "red", variant: "light" })}
        className="wrapping"
        onClick={() => start("replay", meant === 1 && only ? [only] : some)}
        aria-label={label(`${again}…`)}
      >
        {again}…
      </ActButton>
      {isJudged ? (
        <ActButton
          size="sm"
          variant="default"
          className="wrapping"
          onClick={() => start("discard", meant === 1 && only ? [only] : some)}
          aria-label={label(`${leave}…`)}
        >
          {leave}…
        </ActButton>
      ) : (
        <>
          {count > 1 && !some && oldest && (
            <ActButton
              size="sm"
              variant="default"
              loading={trial?.state === "trying"}
              onClick={() => tryOne(oldest)}
              aria-label={label(words.tryOne)}
            >
              {words.tryOne}
            </ActButton>
          )}
          <Menu position="bottom-end" width={220} withinPortal={false}>
            <Menu.Target>
              <UnstyledButton className="icon-button slim" aria-label={label(words.moreForCause)}>
                <Icon name="dots" />
              </UnstyledButton>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => start("discard", meant === 1 && only ? [only] : some)}>
                {leave}…
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </>
      )}
      {some && (
        <p className="cause-chosen small quiet" role="status">
          {words.selected(some.length)}{" "}
          <UnstyledButton className="textual" onClick={clear}>
            {words.clear}
          </UnstyledButton>
        </p>
      )}
    </div>
  );
}
