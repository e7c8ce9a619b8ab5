import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { Link } from "wouter";
import { own } from "../../../lib/shared/own.ts";
import { answer, api } from "../api.ts";
import { useCloudFilter } from "../environment.tsx";
import { useListAddress } from "../lists/address.ts";
import { FilterBar, type FilterField, NothingFound, sinceField } from "../lists/filter-bar.tsx";
import { ListPaging } from "../lists/list-paging.tsx";
import { CloudName } from "../parts/cloud.tsx";
import { Empty } from "../parts/empty.tsx";
import { Loaded } from "../parts/problem.tsx";
import { ViewTitle } from "../parts/title.tsx";
import { dayOf, When } from "../parts/when.tsx";
import { paths } from "../paths.ts";
import { didWhat } from "../texts/acts.ts";
import { texts } from "../texts.ts";

const words = texts.acts;
const listWords = texts.lists;
const pageSize = 50;

type Act = InferResponseType<typeof api.acts.$get, 200>["acts"][number];

/** Who did what to which picture, and why. */
export function Acts() {
  const address = useListAddress({ q: null, actor: null, act: null, since: null });
  const { filters, page } = address;
  const cloud = useCloudFilter();
  const acts = useQuery({
    queryKey: ["acts", filters, cloud, page],
    queryFn: () =>
      answer(
        api.acts.$get({
          query: { ...filters, ...cloud, limit: String(pageSize), ...(page && { before: page }) },
        }),
      ),
    placeholderData: keepPreviousData,
  });
  const names = useQuery({
    queryKey: ["acts", "names"],
    queryFn: () => answer(api.acts.names.$get()),
  });
  const fields: FilterField[] = [
    { name: "q", label: listWords.acts },
    { name: "actor", label: listWords.actor, options: names.data?.actors.map((one) => [one, one]) ?? [] },
    {
      name: "act",
      label: listWords.act,
      options: names.data?.acts.map((one) => [one, own(listWords.actNames, one) ?? one]) ?? [],
    },
    sinceField,
  ];
  return (
    <>
      <ViewTitle text={texts.pages.acts} />
      <FilterBar list="log" address={address} fields={fields} />
      <Loaded query={acts} what={words.theList}>
        {({ acts: found, next }) => (
          <>
            {found.length === 0 && address.isFiltered ? (
              <NothingFound address={address} fields={fields} />
            ) : found.length === 0 ? (
              <Empty title={words.empty}>
                <p>{words.emptySays}</p>
              </Empty>
            ) : (
              <Days acts={found} />
            )}
            <ListPaging
              address={address}
              next={next === null ? null : String(next)}
              isShort={found.length < pageSize}
            />
          </>
        )}
      </Loaded>
    </>
  );
}

function Days({ acts }: { acts: readonly Act[] }) {
  const days = [...Map.groupBy(acts, ({ at }) => new Date(at).toDateString())];
  return (
    <div className="panel">
      {days.map(([day, some]) => (
        <section key={day} aria-label={dayOf(new Date(day))}>
          <h2 className="day">{dayOf(new Date(day))}</h2>
          <ul className="list-rows">
            {runsOf(some).map((run) => (
              <Run key={run[0]?.id} run={run} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** What one person did in a row for one reason, such as 40 deliveries of one cause. */
function runsOf(acts: readonly Act[]): Act[][] {
  const runs: Act[][] = [];
  for (const act of acts) {
    const run = runs.at(-1);
    const [first] = run ?? [];
    const isSame =
      first !== undefined &&
      act.reason !== null &&
      first.who === act.who &&
      first.act === act.act &&
      first.handler === act.handler &&
      first.reason === act.reason;
    if (isSame && run) run.push(act);
    else runs.push([act]);
  }
  return runs;
}

const openRun = 3;

function Run({ run }: { run: readonly Act[] }) {
  const [first] = run;
  if (!first) return null;
  const shown = run.slice(0, openRun);
  return (
    <li className="list-row act-row">
      <span className="person-sign" aria-hidden="true">
        {first.who.slice(0, 1).toUpperCase()}
      </span>
      <div className="list-name">
        <strong>{first.who}</strong>
        {shown.map((act) => (
          <p key={act.id} className="act-line">
            <What act={act} />
          </p>
        ))}
        {run.length > openRun && (
          <p className="small quiet act-line">{words.sameRun(run.length - openRun)}</p>
        )}
      </div>
      <div className="list-middle">{first.reason !== null && <q className="small">{first.reason}</q>}</div>
      <span className="small quiet list-when">
        <When at={first.at} as="short" />
      </span>
    </li>
  );
}

/** As text; an action without a text appears as recorded. */
function What({ act }: { act: Act }) {
  const { notificationId, handler, detail } = act;
  const did = didWhat(act);
  const said = Object.entries(Object(detail)).filter(([name, value]) => name !== "forgot" && value !== null);
  return (
    <>
      <bdi>
        {did ?? (
          <>
            {act.act} {handler}{" "}
            <span className="quiet small">
              {said.map(([name, value]) => `${name}: ${String(value)}`).join(" · ")}
            </span>
          </>
        )}
      </bdi>{" "}
      {notificationId !== null && (
        <Link className="small" to={paths.record(notificationId)}>
          {texts.board.open}
        </Link>
      )}{" "}
      <span className="small quiet">
        <CloudName cloud={act.cloud} />
      </span>
    </>
  );
}
