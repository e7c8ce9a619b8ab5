import { Button, Switch } from "@mantine/core";
import { Suspense, useEffect, useState } from "react";
import { useSearch } from "wouter";
import { chooseCloud, isSameSearch } from "../../environment.tsx";
import { useKeys } from "../../keys.ts";
import { ExportMenu } from "../../lists/export-menu.tsx";
import { pauseList, useCounts } from "../../live.ts";
import { Empty } from "../../parts/empty.tsx";
import { Icon } from "../../parts/icon.tsx";
import { KeyHints } from "../../parts/keys-help.tsx";
import { later } from "../../parts/later.tsx";
import { PagingButtons } from "../../parts/paging-buttons.tsx";
import { Loaded, RowsWaiting } from "../../parts/problem.tsx";
import { ViewTitle } from "../../parts/title.tsx";
import { ViewTabs } from "../../parts/view-tabs.tsx";
import { paths } from "../../paths.ts";
import { Histogram } from "../../search/histogram.tsx";
import { useMayAct } from "../../session.ts";
import { texts } from "../../texts.ts";
import { rememberList } from "../list-context.ts";
import { FirstRun } from "./first-run.tsx";
import { focusedNotification, moveFocus } from "./keys.ts";
import { InboxList } from "./list.tsx";
import { type Listed, type ListPage, useArrivals, useListed, useShownRows } from "./listed.ts";
import { SaveView, useSavedViews } from "./saved-views.tsx";
import { useSearchFields } from "./search.ts";

const words = texts.inbox;
const ReplayDialog = later(async () => (await import("../../parts/replay-dialog.tsx")).ReplayDialog);

/** All notifications, newest first; updates by itself. */
export function Inbox() {
  const { search, before, set, clear } = useSearchFields();
  const address = useSearch();
  const [live, setLive] = useState(true);
  const [replaying, setReplaying] = useState<string | null>(null);
  const list = useListed(search, before);
  const { rows, waiting, showNew } = useShownRows(list.data?.notifications, address);
  const arrived = useArrivals(rows, address);
  const counts = useCounts();
  const mayAct = useMayAct();
  useEffect(() => {
    pauseList(!live);
    return () => pauseList(false);
  }, [live]);
  useEffect(() => {
    if (rows)
      rememberList({
        ids: rows.map(({ id }) => id),
        address: `${paths.inbox}${address ? `?${address}` : ""}`,
      });
  }, [rows, address]);
  useKeys({
    j: () => moveFocus(1),
    k: () => moveFocus(-1),
    ...(mayAct && { r: () => setReplaying(focusedNotification()) }),
  });
  const { cloud, ...filters } = search;
  return (
    <>
      <ViewTitle
        text={texts.pages.inbox}
        beside={<Views address={address} open={counts.data ? counts.data.held + counts.data.dead : null} />}
        aside={
          <>
            <Switch
              label={live ? words.live : words.paused}
              checked={live}
              disabled={before !== null}
              onChange={(event) => setLive(event.currentTarget.checked)}
            />
            <ExportMenu list="notifications" filters={search} />
          </>
        }
      />
      <Histogram refetchMs={false} />
      <SearchNotes page={list.data} />
      <p className="hidden-text" role="status">
        {arrived.size > 0 ? words.arrived(arrived.size) : ""}
      </p>
      {waiting > 0 && (
        <div className="new-rows">
          <Button size="xs" onClick={showNew} leftSection={<Icon name="up" />}>
            {words.newRows(waiting)}
          </Button>
        </div>
      )}
      <Loaded query={list} what={words.theList} waiting={<RowsWaiting rows={10} />}>
        {() =>
          rows === undefined || rows.length === 0 ? (
            Object.keys(filters).length > 0 ? (
              <Empty title={words.nothing}>
                <Button variant="default" onClick={clear}>
                  {words.clear}
                </Button>
              </Empty>
            ) : cloud !== undefined ? (
              <Empty title={texts.environments.nothing(cloud)}>
                <Button variant="default" onClick={() => chooseCloud(null)}>
                  {texts.environments.showAll}
                </Button>
              </Empty>
            ) : (
              <FirstRun />
            )
          ) : (
            <InboxList rows={rows} arrived={arrived} />
          )
        }
      </Loaded>
      <Paging page={list.data} before={before} set={set} />
      {replaying !== null && (
        <Suspense fallback={null}>
          <ReplayDialog
            notificationId={replaying}
            handler={null}
            handlers={handlersOf(rows, replaying)}
            cause={null}
            decisionIds={[]}
            close={() => setReplaying(null)}
          />
        </Suspense>
      )}
    </>
  );
}

/** The views of the list: those of everybody, and those that were named in this browser. */
function Views({ address, open }: { address: string; open: number | null }) {
  const saved = useSavedViews();
  const tabs = [
    { name: words.all, query: "", count: null },
    { name: words.failed, query: "q=state%3Afailed", count: null },
    { name: words.onHold, query: "q=state%3Aheld", count: null },
    ...saved.views.map((view) => ({ ...view, count: null })),
  ];
  void open;
  return (
    <div className="view-tabs-row">
      <ViewTabs
        label={words.views}
        tabs={tabs.map(({ name, query, count }) => ({
          to: `${paths.inbox}${query ? `?${query}` : ""}`,
          name,
          count,
          here: isSameSearch(query, address),
        }))}
      />
      <SaveView
        query={tabs.slice(0, 3).some(({ query }) => isSameSearch(query, address)) ? "" : address}
        saved={saved}
      />
    </div>
  );
}

/** How far the search reached, and what it lacks in this database. */
function SearchNotes({ page }: { page: ListPage | undefined }) {
  if (!page?.search) return null;
  const notes = texts.searchBox;
  const { by, since } = page.search;
  const said = [
    by === "scan" ? notes.scan : null,
    since === null ? null : notes.notYet(new Date(since).toLocaleString("en")),
    page.searchedTo === null ? null : notes.stopped(new Date(page.searchedTo).toLocaleString("en")),
  ].filter((note) => note !== null);
  return said.length === 0 ? null : <p className="small quiet">{said.join(" ")}</p>;
}

interface PagingProps {
  page: ListPage | undefined;
  before: string | null;
  set: (changed: { before?: string }) => void;
}

function Paging({ page, before, set }: PagingProps) {
  const next = page?.next;
  return (
    <div className="paging">
      <PagingButtons
        newest={before === null ? null : () => set({})}
        older={next ? () => set({ before: next }) : null}
      />
      <KeyHints
        keys={[
          ["J K", texts.keyWords.move],
          ["Enter", texts.keyWords.open],
          ["/", texts.keyWords.search],
          ["?", texts.keyWords.all],
        ]}
      />
    </div>
  );
}

function handlersOf(rows: readonly Listed[] | undefined, id: string): string[] {
  const found = rows?.find((notification) => notification.id === id);
  return [...new Set(found?.deliveries.map(({ handler }) => handler))];
}
