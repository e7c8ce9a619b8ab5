import { Button, Group, NativeSelect, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import { answer, api } from "../api.ts";
import { BatchDialog } from "../parts/batch-dialog.tsx";
import { Loaded } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { ViewTitle } from "../parts/title.tsx";
import { When } from "../parts/when.tsx";
import { paths } from "../paths.ts";
import { calmMs } from "../queries.ts";
import { texts } from "../texts.ts";
import type { Batch } from "./batch.ts";

const words = texts.stuck;

type CauseGroup = InferResponseType<typeof api.stuck.groups.$get, 200>["groups"][number];
type StuckDelivery = InferResponseType<typeof api.stuck.$get, 200>["deliveries"][number];

/** The deliveries that wait for a person: by cause, and one by one. */
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
        {({ groups: found, now }) => (
          <>
            <Filter groups={found} filter={filter} set={set} />
            {found.length === 0 ? (
              <p className="empty">{state === "dead" ? words.deadEmpty : words.heldEmpty}</p>
            ) : (
              <Section
                title={words.group}
                aside={
                  <Acts
                    state={state}
                    label={words.all}
                    begin={(act) => begin(act, { count: sum(found), filter, endedBefore: now })}
                  />
                }
              >
                <Groups
                  groups={found}
                  state={state}
                  begin={(act, { handler, cause, count }) =>
                    begin(act, { count, filter: { ...filter, handler, cause }, endedBefore: now })
                  }
                />
              </Section>
            )}
            {found.length > 0 && (
              <Section title={words.each}>
                <Each
                  state={state}
                  filter={filter}
                  begin={(act, id) => begin(act, { count: 1, deliveryId: id, filter: {}, endedBefore: now })}
                />
              </Section>
            )}
          </>
        )}
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
        data={["", ...handlers]}
        onChange={(event) => set("handler", event.currentTarget.value)}
      />
      <NativeSelect
        label={words.filterType}
        value={filter.type ?? ""}
        data={["", ...types]}
        onChange={(event) => set("type", event.currentTarget.value)}
      />
    </Group>
  );
}

function Acts({
  state,
  label,
  begin,
}: {
  state: "dead" | "held";
  label: string;
  begin: (act: Batch["act"]) => void;
}) {
  const go = state === "held" ? words.release : words.replay;
  return (
    <Group gap={6} wrap="nowrap">
      <Button size="compact-xs" onClick={() => begin("replay")} aria-label={`${go}: ${label}`}>
        {go}
      </Button>
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => begin("discard")}
        aria-label={`${words.discard}: ${label}`}
      >
        {words.discard}
      </Button>
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
            {state === "held" && texts.held[group.cause] && (
              <p className="small">{texts.held[group.cause]}</p>
            )}
            <span className="quiet small">
              {group.handler} · {group.types.join(", ")} · <When at={group.lastAt} />
            </span>
          </div>
          <Acts state={state} label={group.cause} begin={(act) => begin(act, group)} />
        </li>
      ))}
    </ul>
  );
}

interface EachProps {
  state: "dead" | "held";
  filter: { handler?: string; type?: string; cause?: string };
  begin: (act: Batch["act"], deliveryId: string) => void;
}

const pageSize = 50;

function Each({ state, filter, begin }: EachProps) {
  const [offset, setOffset] = useState(0);
  const list = useQuery({
    queryKey: ["stuck", state, "each", filter, offset],
    queryFn: () =>
      answer(
        api.stuck.$get({ query: { state, ...filter, offset: String(offset), limit: String(pageSize) } }),
      ),
    refetchInterval: calmMs,
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={list}>
      {({ deliveries, more }) => (
        <>
          <ul className="each">
            {deliveries.map((one) => (
              <li key={one.id}>
                <EachLine one={one} />
                <Acts
                  state={state}
                  label={`${one.handler} ${one.publicId ?? one.type}`}
                  begin={(act) => begin(act, one.id)}
                />
              </li>
            ))}
          </ul>
          <Group gap="xs" justify="flex-end">
            {offset > 0 && (
              <Button variant="default" size="xs" onClick={() => setOffset(Math.max(0, offset - pageSize))}>
                {texts.newest}
              </Button>
            )}
            {more && (
              <Button variant="default" size="xs" onClick={() => setOffset(offset + pageSize)}>
                {texts.older}
              </Button>
            )}
          </Group>
        </>
      )}
    </Loaded>
  );
}

function EachLine({ one }: { one: StuckDelivery }) {
  return (
    <div>
      <Link to={paths.record(one.notificationId)} className="row-link">
        <span className="type">{one.type}</span>{" "}
        <bdi className="name">{one.publicId ?? one.notificationId.slice(0, 8)}</bdi>
      </Link>{" "}
      <span className="quiet small">
        {one.handler}
        {one.subject !== null && ` ${one.subject}`} · <When at={one.settledAt} />
      </span>
      <p className="said small">{one.error}</p>
    </div>
  );
}
