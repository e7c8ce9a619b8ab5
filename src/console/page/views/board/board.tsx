import { Button, Group, NativeSelect, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { own } from "../../../../lib/shared/own.ts";
import { useCloudFilter } from "../../environment.tsx";
import { ExportMenu } from "../../lists/export-menu.tsx";
import { Loaded } from "../../parts/problem.tsx";
import { ViewTitle } from "../../parts/title.tsx";
import { Toast, type Told } from "../../parts/toast.tsx";
import { liveMs } from "../../queries.ts";
import { useMayAct } from "../../session.ts";
import { texts } from "../../texts.ts";
import { type CardPage, orders, readCards, shows } from "./cards.ts";
import { LooksControls, useLooks } from "./looks.tsx";
import { Wall } from "./wall.tsx";

const words = texts.board;
/** The number shown at first and added by each "More"; the API returns at most `max`. */
const step = 60;
const max = 600;

/** Pending, held and decided pictures. */
export function Board() {
  const [params, setParams] = useSearchParams();
  const show = shows.find((value) => value === params.get("show")) ?? "pending";
  const order =
    orders.find((value) => value === params.get("order")) ?? (show === "decided" ? "newest" : "oldest");
  const folder = params.get("folder") ?? "";
  const kind = params.get("kind") ?? "";
  const looks = useLooks();
  const [limit, setLimit] = useState(step);
  /** A decision was sent and is not confirmed yet. */
  const [waiting, setWaiting] = useState(false);
  const [told, setTold] = useState<Told | null>(null);
  const cloud = useCloudFilter();
  const cards = useQuery({
    queryKey: ["moderation", show, folder, kind, order, limit, cloud],
    queryFn: () => readCards({ show, folder, kind, order, limit, ...cloud }),
    refetchInterval: waiting ? liveMs : false,
    // Keep the current cards while loading more, but not those of another tab.
    placeholderData: (before, query) => (query?.queryKey[1] === show ? before : undefined),
  });
  const set = (name: string, value: string) =>
    setParams((now) => {
      const next = new URLSearchParams(now);
      if (value === "") next.delete(name);
      else next.set(name, value);
      return next;
    });
  const mayAct = useMayAct();
  return (
    <>
      <ViewTitle text={texts.pages.board} />
      {!mayAct && <p className="look-only">{words.lookOnly}</p>}
      <Tabs
        value={show}
        onChange={(value) => setParams(value === null || value === "pending" ? {} : { show: value })}
        keepMounted={false}
      >
        <div className="board-head">
          <Tabs.List>
            {shows.map((tab) => (
              <Tabs.Tab key={tab} value={tab}>
                {words.tabs[tab]}
                {tab === show && <Count page={cards.data} />}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Group gap="xs" className="board-filters">
            <NativeSelect
              aria-label={words.kindLabel}
              value={kind}
              data={kindsOf(cards.data, kind)}
              onChange={(event) => set("kind", event.currentTarget.value)}
            />
            <NativeSelect
              aria-label={words.folder}
              value={folder}
              data={foldersOf(cards.data, folder)}
              onChange={(event) => set("folder", event.currentTarget.value)}
            />
            <NativeSelect
              aria-label={words.order}
              value={order}
              data={orders.map((value) => ({ value, label: words.orders[value] }))}
              onChange={(event) => set("order", event.currentTarget.value)}
            />
            <LooksControls looks={looks} />
            <ExportMenu
              list="moderation"
              filters={{ show, order, ...(folder && { folder }), ...(kind && { kind }) }}
            />
          </Group>
        </div>
        <Tabs.Panel value={show}>
          <Loaded query={cards}>
            {(page) =>
              page.cards.length === 0 ? (
                <div className="empty">
                  <p>{words.empty[show]}</p>
                  {show === "pending" && folder === "" && kind === "" && (
                    <p className="small">{words.emptyHint}</p>
                  )}
                  {kind !== "" && (
                    <Button variant="default" size="xs" onClick={() => set("kind", "")}>
                      {words.anyKind}
                    </Button>
                  )}{" "}
                  {folder !== "" && (
                    <Button variant="default" size="xs" onClick={() => set("folder", "")}>
                      {words.anyFolder}
                    </Button>
                  )}
                </div>
              ) : (
                <>
                  <Wall
                    key={show}
                    page={page}
                    show={show}
                    size={looks.size}
                    blurs={looks.isBlurred}
                    waiting={setWaiting}
                    tell={setTold}
                  />
                  {page.more && limit < max && (
                    <Button variant="default" size="xs" mt="md" onClick={() => setLimit(limit + step)}>
                      {texts.more}
                    </Button>
                  )}
                  {page.more && limit >= max && <p className="quiet">{words.more(max)}</p>}
                </>
              )
            }
          </Loaded>
        </Tabs.Panel>
      </Tabs>
      <Toast told={told} close={() => setTold(null)} />
    </>
  );
}

function Count({ page }: { page: CardPage | undefined }) {
  if (!page || page.cards.length === 0) return null;
  return <span className="tab-count">{`${page.cards.length}${page.more ? "+" : ""}`}</span>;
}

function kindsOf(page: CardPage | undefined, chosen: string) {
  const kinds = new Set([
    ...Object.keys(words.kind).filter((kind) => kind !== "moderation"),
    ...(page?.cards.map(({ kind }) => kind) ?? []),
    ...(chosen === "" ? [] : [chosen]),
  ]);
  return [
    { value: "", label: words.anyKind },
    ...[...kinds].map((kind) => ({ value: kind, label: own(words.kind, kind) ?? kind })),
  ];
}

function foldersOf(page: CardPage | undefined, chosen: string) {
  const folders = new Set([
    ...(page?.cards.flatMap(({ folder }) => folder ?? []) ?? []),
    ...(chosen === "" ? [] : [chosen]),
  ]);
  return [{ value: "", label: words.anyFolder }, ...[...folders].toSorted()];
}
