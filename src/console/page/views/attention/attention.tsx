import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { answer, api } from "../../api.ts";
import { useCloudFilter } from "../../environment.tsx";
import { useKeys } from "../../keys.ts";
import { useListAddress } from "../../lists/address.ts";
import { FilterBar, type FilterField, NothingFound } from "../../lists/filter-bar.tsx";
import { BatchDialog } from "../../parts/batch-dialog.tsx";
import { Empty } from "../../parts/empty.tsx";
import { KeyHints } from "../../parts/keys-help.tsx";
import { Loaded } from "../../parts/problem.tsx";
import { ViewTitle } from "../../parts/title.tsx";
import { ViewTabs } from "../../parts/view-tabs.tsx";
import { When } from "../../parts/when.tsx";
import { paths } from "../../paths.ts";
import { useMayAct } from "../../session.ts";
import { didWhat } from "../../texts/acts.ts";
import { dearness, lacking } from "../../texts/causes.ts";
import { texts } from "../../texts.ts";
import { moveFocus } from "../inbox/keys.ts";
import type { Batch, Cause, State } from "./batch.ts";
import { CauseCard, causeId } from "./cause-card.tsx";

const words = texts.stuck;

/** The deliveries that failed permanently or are on hold, together, by cause. */
export function Attention() {
  const address = useListAddress({ state: ["dead", "held"], handler: null });
  const state: State | null = address.filters.state ?? null;
  const { handler } = address.filters;
  const cloud = useCloudFilter();
  const groups = useQuery({
    queryKey: ["stuck", "groups", cloud],
    queryFn: () => answer(api.stuck.groups.$get({ query: cloud })),
    placeholderData: keepPreviousData,
  });
  const [batch, setBatch] = useState<Batch | null>(null);
  const mayAct = useMayAct();
  const all = groups.data?.groups ?? [];
  useKeys({
    j: () => moveFocus(1),
    k: () => moveFocus(-1),
    x: () =>
      document.activeElement?.closest("li")?.querySelector<HTMLElement>("input[type=checkbox]")?.click(),
    "shift+j": () => moveFocus(1, "[data-cause] h2 a"),
    "shift+k": () => moveFocus(-1, "[data-cause] h2 a"),
  });
  const of = (wanted: State | null) => sum(all.filter((cause) => wanted === null || cause.state === wanted));
  const tabAddress = (wanted: State | null) =>
    `${paths.attention}${wanted === null ? "" : `?state=${wanted}`}`;
  const handlers = [...new Set([...all.map((cause) => cause.handler), ...(handler ? [handler] : [])])];
  const fields: FilterField[] = [
    {
      name: "state",
      label: texts.lists.outcome,
      options: (["dead", "held"] as const).map((one) => [one, words.tabs[one]]),
    },
    { name: "handler", label: words.handler, options: handlers.map((one) => [one, one]) },
  ];
  return (
    <>
      <ViewTitle
        text={texts.pages.attention}
        beside={
          <ViewTabs
            label={texts.pages.attention}
            tabs={([null, "dead", "held"] as const).map((one) => ({
              to: tabAddress(one),
              name: words.tabs[one ?? "all"],
              count: groups.data ? of(one) : null,
              here: one === state,
            }))}
          />
        }
      />
      {!mayAct && <p className="view-lead">{words.look}</p>}
      {(all.length > 0 || address.isFiltered) && (
        <FilterBar list="attention" address={address} fields={fields.slice(1)} />
      )}
      <Loaded query={groups} what={texts.pages.attention}>
        {({ groups: found, now }) => {
          const shown = found
            .filter(
              (cause) => (state === null || cause.state === state) && (!handler || cause.handler === handler),
            )
            .toSorted((a, b) => dearness(a.state, a.handler) - dearness(b.state, b.handler));
          if (found.length === 0) return <NothingWaits />;
          if (shown.length === 0) return <NothingFound address={address} fields={fields} />;
          return (
            <>
              <Lacking causes={shown} />
              {shown.map((cause) => (
                <CauseCard
                  key={`${cause.state} ${cause.handler} ${cause.cause}`}
                  cause={cause}
                  now={now}
                  begin={setBatch}
                />
              ))}
              <KeyHints
                keys={[
                  ["J K", texts.keyWords.move],
                  ["X", texts.keyWords.select],
                  ["Shift+J", texts.keyWords.nextCause],
                  ["Enter", texts.keyWords.open],
                ]}
              />
            </>
          );
        }}
      </Loaded>
      {batch && <BatchDialog batch={batch} close={() => setBatch(null)} />}
    </>
  );
}

const sum = (causes: readonly Cause[]) => causes.reduce((all, { count }) => all + count, 0);

/** What the world lacks, in one sentence; each part leads to its cause. */
function Lacking({ causes }: { causes: readonly Cause[] }) {
  const kinds = [
    ...Map.groupBy(causes, ({ state, handler, cause }) => lacking(state, handler, cause, 0)).values(),
  ];
  return (
    <p className="lacking">
      {kinds.map((alike, index) => {
        const [first] = alike;
        if (!first) return null;
        return (
          <span key={causeId(first)}>
            {index > 0 && ", "}
            <a href={`#${causeId(first)}`}>{lacking(first.state, first.handler, first.cause, sum(alike))}</a>
          </span>
        );
      })}
      .
    </p>
  );
}

/** Nothing needs attention, and what was done last. */
function NothingWaits() {
  const { data } = useQuery({
    queryKey: ["acts", "last"],
    queryFn: () => answer(api.acts.$get({ query: { limit: "1" } })),
  });
  const [last] = data?.acts ?? [];
  const did = last && didWhat(last);
  return (
    <Empty title={words.emptyTitle}>
      <p>{words.emptySays}</p>
      {last && did && (
        <p>
          {words.lastAct} {did}, <When at={last.at} />. <Link to={paths.acts}>{texts.pages.acts}</Link>
        </p>
      )}
    </Empty>
  );
}
