import { Button, Group, Switch, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useSearch } from "wouter";
import { answer, api } from "../../api.ts";
import { useKeys } from "../../keys.ts";
import { Loaded } from "../../parts/problem.tsx";
import { ReplayDialog } from "../../parts/replay-dialog.tsx";
import { ViewTitle } from "../../parts/title.tsx";
import { useMayAct } from "../../session.ts";
import { texts } from "../../texts.ts";
import { focusedNotification, moveFocus } from "./keys.ts";
import { type ListPage, useArrivals, useListed } from "./listed.ts";
import { InboxRow } from "./row.tsx";
import { useSearchFields } from "./search.ts";
import { SearchBar } from "./search-bar.tsx";

const words = texts.inbox;

/** All notifications, newest first; updates automatically. */
export function Inbox() {
  const { search, before, set, clear } = useSearchFields();
  const address = useSearch();
  const [live, setLive] = useState(true);
  const [replaying, setReplaying] = useState<string | null>(null);
  const first = useRef<HTMLInputElement>(null);
  const list = useListed(search, before, live);
  const arrived = useArrivals(list.data?.notifications, address);
  const { data: known } = useQuery({ queryKey: ["handlers"], queryFn: () => answer(api.handlers.$get()) });
  const mayAct = useMayAct();
  useKeys({
    j: () => moveFocus(1),
    k: () => moveFocus(-1),
    "/": () => first.current?.focus(),
    ...(mayAct && { r: () => setReplaying(focusedNotification()) }),
  });
  const filtered = Object.keys(search).length > 0;
  return (
    <>
      <ViewTitle
        text={texts.pages.inbox}
        aside={
          <Group gap="md">
            <Button
              component="a"
              href={`/api/notifications/export?${exportQuery(search)}`}
              download
              variant="subtle"
              size="compact-sm"
            >
              {words.export}
            </Button>
            <Switch
              label={live ? words.live : words.paused}
              checked={live}
              disabled={before !== null}
              onChange={(event) => setLive(event.currentTarget.checked)}
            />
          </Group>
        }
      />
      <SearchBar
        search={search}
        handlers={known?.handlers.map(({ name }) => name) ?? []}
        set={set}
        clear={clear}
        first={first}
      />
      <p className="hidden-text" role="status">
        {arrived.size > 0 ? words.arrived(arrived.size) : ""}
      </p>
      <Loaded query={list}>
        {(page) =>
          page.notifications.length === 0 ? (
            <Empty filtered={filtered} />
          ) : (
            <List page={page} arrived={arrived} />
          )
        }
      </Loaded>
      <Group justify="space-between" className="paging">
        <Text size="xs" className="quiet wide-only">
          {words.keys}
        </Text>
        <Group gap="xs">
          {before !== null && (
            <Button variant="default" size="xs" onClick={() => set({})}>
              {texts.newest}
            </Button>
          )}
          {list.data?.next && (
            <Button variant="default" size="xs" onClick={() => set({ before: list.data?.next ?? "" })}>
              {texts.older}
            </Button>
          )}
        </Group>
      </Group>
      {replaying !== null && (
        <ReplayDialog
          notificationId={replaying}
          handler={null}
          handlers={handlersOf(list.data, replaying)}
          cause={null}
          decisionIds={[]}
          close={() => setReplaying(null)}
        />
      )}
    </>
  );
}

function List({ page, arrived }: { page: ListPage; arrived: ReadonlySet<string> }) {
  const { columns } = words;
  return (
    <Table className="inbox panel" highlightOnHover verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>
            <span className="hidden-text">{columns.picture}</span>
          </Table.Th>
          <Table.Th>{columns.notification}</Table.Th>
          <Table.Th className="wide-only">{columns.deliveries}</Table.Th>
          <Table.Th className="wide-only">{columns.verdict}</Table.Th>
          <Table.Th className="wide-only">{columns.seen}</Table.Th>
          <Table.Th className="wide-only">{columns.when}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {page.notifications.map((row) => (
          <InboxRow key={row.id} row={row} arrived={arrived.has(row.id)} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Empty({ filtered }: { filtered: boolean }) {
  return (
    <div className="empty">
      <Text>{filtered ? words.nothing : words.empty}</Text>
      {!filtered && <code>{words.emptyHint}</code>}
    </div>
  );
}

function exportQuery(search: Record<string, string>): string {
  return new URLSearchParams(search).toString();
}

function handlersOf(page: ListPage | undefined, id: string): string[] {
  const found = page?.notifications.find((notification) => notification.id === id);
  return [...new Set(found?.deliveries.map(({ handler }) => handler))];
}
