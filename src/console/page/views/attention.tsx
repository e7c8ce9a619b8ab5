import { Group, NativeSelect, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { own } from "../../../lib/shared/own.ts";
import { answer, api } from "../api.ts";
import { BatchDialog } from "../parts/batch-dialog.tsx";
import { Loaded } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { ViewTitle } from "../parts/title.tsx";
import { When } from "../parts/when.tsx";
import { calmMs } from "../queries.ts";
import { texts } from "../texts.ts";
import { Acts } from "./attention-acts.tsx";
import { Each } from "./attention-list.tsx";
import type { Batch } from "./batch.ts";

const words = texts.stuck;
const any = { value: "", label: texts.any };

type CauseGroup = InferResponseType<typeof api.stuck.groups.$get, 200>["groups"][number];

/** The deliveries that need attention, by cause and individually. */
export function Stuck({ state }: { state: "dead" | "held" }) {
  const [params, setParams] = useSearchParams();
  const filter = filterOf(params);
  const groups = useQuery({
    queryKey: ["stuck", state, "groups", filter],
    queryFn: () => answer(api.stuck.groups.$get({ query: { state, ...filter } })),
    refetchInterval: calmMs,
    placeholderData: keepPreviousData,
  });
  const [batch, setBatch] = useState<Batch | null>(null);
  const set = (name: string, value: string) =>
    setParams((now) => {
      const next = new URLSearchParams(now);
      if (value === "") next.delete(name);
      else next.set(name, value);
      return next;
    });
  const begin = (act: Batch["act"], chosen: Omit<Batch, "act" | "state">) =>
    setBatch({ act, state, ...chosen });
  return (
    <>
      <ViewTitle text={state === "dead" ? texts.pages.dead : texts.pages.held} />
      <Text size="sm" mb="md">
        {state === "dead" ? words.deadLead : words.heldLead}
      </Text>
      <Loaded query={groups}>
        {({ groups: found, now }) => {
          const single = found.length > 1 ? alike(found) : null;
          return (
            <>
              <Filter groups={found} filter={filter} set={set} />
              {found.length === 0 ? (
                <p className="empty">{state === "dead" ? words.deadEmpty : words.heldEmpty}</p>
              ) : (
                <Section
                  title={words.group}
                  aside={
                    single && (
                      <Acts
                        state={state}
                        {...single}
                        count={sum(found)}
                        label={words.all}
                        begin={(act) =>
                          begin(act, { ...single, count: sum(found), filter, endedBefore: now })
                        }
                      />
                    )
                  }
                >
                  <Groups
                    groups={found}
                    state={state}
                    begin={(act, { handler, cause, count }) =>
                      begin(act, {
                        handler,
                        cause,
                        count,
                        filter: { ...filter, handler, cause },
                        endedBefore: now,
                      })
                    }
                  />
                </Section>
              )}
              {found.length > 0 && (
                <Section title={words.each}>
                  <Each
                    state={state}
                    filter={filter}
                    begin={(act, { id, handler, error }) =>
                      begin(act, {
                        handler,
                        cause: error,
                        count: 1,
                        deliveryId: id,
                        filter: {},
                        endedBefore: now,
                      })
                    }
                  />
                </Section>
              )}
            </>
          );
        }}
      </Loaded>
      {batch && <BatchDialog batch={batch} close={() => setBatch(null)} />}
    </>
  );
}

function filterOf(params: URLSearchParams): { handler?: string; type?: string; cause?: string } {
  const handler = params.get("handler");
  const type = params.get("type");
  const cause = params.get("cause");
  return { ...(handler && { handler }), ...(type && { type }), ...(cause && { cause }) };
}

const sum = (groups: readonly CauseGroup[]) => groups.reduce((all, { count }) => all + count, 0);

/** The handler and cause that all groups share; null if the actions of the groups have different names. */
function alike(groups: readonly CauseGroup[]): { handler: string; cause: string | null } | null {
  const [first] = groups;
  if (!first || groups.some(({ handler }) => handler !== first.handler)) return null;
  const unknown = groups.filter(({ cause }) => cause === "outcome-unknown").length;
  if (unknown > 0 && unknown < groups.length) return null;
  return { handler: first.handler, cause: unknown > 0 ? first.cause : null };
}

interface FilterProps {
  groups: readonly CauseGroup[];
  filter: { handler?: string; type?: string };
  set: (name: string, value: string) => void;
}

function Filter({ groups, filter, set }: FilterProps) {
  const handlers = new Set([
    ...groups.map(({ handler }) => handler),
    ...(filter.handler ? [filter.handler] : []),
  ]);
  const types = new Set([...groups.flatMap((group) => group.types), ...(filter.type ? [filter.type] : [])]);
  return (
    <Group mb="md">
      <NativeSelect
        label={words.filterHandler}
        value={filter.handler ?? ""}
        data={[any, ...handlers]}
        onChange={(event) => set("handler", event.currentTarget.value)}
      />
      <NativeSelect
        label={words.filterType}
        value={filter.type ?? ""}
        data={[any, ...types]}
        onChange={(event) => set("type", event.currentTarget.value)}
      />
    </Group>
  );
}

interface GroupsProps {
  groups: readonly CauseGroup[];
  state: "dead" | "held";
  begin: (act: Batch["act"], group: CauseGroup) => void;
}

function Groups({ groups, state, begin }: GroupsProps) {
  return (
    <ul className="each">
      {groups.map((group) => (
        <li key={`${group.handler} ${group.cause}`}>
          <div>
            <strong className="cause">
              <span className="tally">{group.count} ×</span> {group.cause}
            </strong>
            {state === "held" && own(texts.held, group.cause) && (
              <p className="small">{own(texts.held, group.cause)}</p>
            )}
            <span className="quiet small">
              {group.handler} · {group.types.join(", ")} · <When at={group.lastAt} />
            </span>
          </div>
          <Acts
            state={state}
            handler={group.handler}
            cause={group.cause}
            count={group.count}
            label={group.cause}
            begin={(act) => begin(act, group)}
          />
        </li>
      ))}
    </ul>
  );
}
