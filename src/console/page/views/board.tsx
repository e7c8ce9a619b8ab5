import { Button, Group, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import { own } from "../../../lib/shared/own.ts";
import { answer, api } from "../api.ts";
import { ActButton } from "../parts/act-button.tsx";
import { Picture } from "../parts/picture.tsx";
import { Loaded } from "../parts/problem.tsx";
import { ViewTitle } from "../parts/title.tsx";
import { When } from "../parts/when.tsx";
import { paths } from "../paths.ts";
import { calmMs, liveMs } from "../queries.ts";
import { texts } from "../texts.ts";
import { type BoardAct, BoardDialog } from "./board-dialog.tsx";

const words = texts.board;
const shows = ["pending", "decided", "held"] as const;
type Show = (typeof shows)[number];
/** So many are shown at first, and so many more each time; the API gives no more than `most`. */
const step = 60;
const most = 600;

export type Card = InferResponseType<typeof api.moderation.$get, 200>["cards"][number];

/** What is moderated: waiting, decided, held. */
export function Board() {
  const [params, setParams] = useSearchParams();
  const show = shows.find((one) => one === params.get("show")) ?? "pending";
  const [asked, setAsked] = useState<{ card: Card; act: BoardAct } | null>(null);
  /** Decided here and not notified yet. */
  const [decided, setDecided] = useState<ReadonlySet<string>>(new Set());
  const [limit, setLimit] = useState(step);
  const cards = useQuery({
    queryKey: ["moderation", show, limit],
    queryFn: () => answer(api.moderation.$get({ query: { show, limit: String(limit) } })),
    refetchInterval: decided.size > 0 ? liveMs : calmMs,
    // While more are asked for those that are there stay; another tab's are others.
    placeholderData: (before, query) => (query?.queryKey[1] === show ? before : undefined),
  });
  return (
    <>
      <ViewTitle text={texts.pages.board} />
      <Tabs
        value={show}
        onChange={(value) => setParams(value === null || value === "pending" ? {} : { show: value })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {shows.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {words.tabs[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={show}>
          <Loaded query={cards}>
            {({ cards: found, more }) =>
              found.length === 0 ? (
                <p className="empty">{words.empty[show]}</p>
              ) : (
                <>
                  <ul className="cards">
                    {found.map((card) => (
                      <BoardCard
                        key={`${keyOf(card)} ${card.status} ${card.decidedAt} ${card.deliveryId}`}
                        card={card}
                        show={show}
                        sent={decided.has(keyOf(card))}
                        ask={(act) => setAsked({ card, act })}
                      />
                    ))}
                  </ul>
                  {more && limit < most && (
                    <Button variant="default" size="xs" onClick={() => setLimit(limit + step)}>
                      {texts.more}
                    </Button>
                  )}
                  {more && limit >= most && <p className="quiet">{words.more(most)}</p>}
                </>
              )
            }
          </Loaded>
        </Tabs.Panel>
      </Tabs>
      {asked && (
        <BoardDialog
          {...asked}
          close={() => setAsked(null)}
          done={() => setDecided((before) => new Set(before).add(keyOf(asked.card)))}
        />
      )}
    </>
  );
}

/** One asset's version by one kind of moderation. */
const keyOf = ({ assetId, version, kind }: Card) => `${assetId} ${version} ${kind}`;

interface BoardCardProps {
  card: Card;
  show: Show;
  sent: boolean;
  ask: (act: BoardAct) => void;
}

function BoardCard({ card, show, sent, ask }: BoardCardProps) {
  const name = card.publicId ?? card.assetId;
  return (
    <li className="card">
      <Picture src={card.thumbnail} alt={name} size="large" />
      {card.notificationId === null ? (
        <bdi className="card-link">{name}</bdi>
      ) : (
        <Link to={paths.record(card.notificationId)} className="card-link">
          <bdi>{name}</bdi>
        </Link>
      )}
      <span className="small">
        {card.kind}: <strong>{card.status}</strong>
      </span>
      <span className="quiet small">
        v{card.version} · <When at={card.decidedAt} />
      </span>
      {show === "decided" && <Outcome card={card} />}
      {show === "held" && <Text size="xs">{own(texts.held, card.heldFor ?? "") ?? card.heldFor}</Text>}
      {show === "pending" && sent && (
        <Text size="xs" role="status">
          {words.sent}
        </Text>
      )}
      <Group gap={6} mt="auto">
        {show === "pending" && !sent && (
          <>
            <ActButton
              size="compact-sm"
              color="green"
              onClick={() => ask("approved")}
              aria-label={words.approveTitle(name)}
            >
              {words.approve}
            </ActButton>
            <ActButton
              size="compact-sm"
              variant="default"
              onClick={() => ask("rejected")}
              aria-label={words.rejectTitle(name)}
            >
              {words.reject}
            </ActButton>
          </>
        )}
        {show === "held" && (
          <>
            <ActButton
              size="compact-sm"
              onClick={() => ask("release")}
              aria-label={`${words.release} ${name}`}
            >
              {words.release}
            </ActButton>
            <ActButton
              size="compact-sm"
              variant="default"
              onClick={() => ask("discard")}
              aria-label={`${texts.stuck.discard} ${name}`}
            >
              {texts.stuck.discard}
            </ActButton>
          </>
        )}
      </Group>
    </li>
  );
}

function Outcome({ card: { action, carriedOutAt } }: { card: Card }) {
  return (
    <span className="small">
      {carriedOutAt === null ? words.action(action) : words.carriedOut(action)}
      {carriedOutAt !== null && (
        <span className="quiet">
          , <When at={carriedOutAt} />
        </span>
      )}
    </span>
  );
}
