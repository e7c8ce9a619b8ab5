import { Button, Group } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { useState } from "react";
import { Link } from "wouter";
import { answer, api } from "../api.ts";
import { Said } from "../parts/delivery-reason.tsx";
import { Loaded } from "../parts/problem.tsx";
import { Subject } from "../parts/subject.tsx";
import { When } from "../parts/when.tsx";
import { paths } from "../paths.ts";
import { calmMs } from "../queries.ts";
import { texts } from "../texts.ts";
import { Acts } from "./attention-acts.tsx";
import type { Batch } from "./batch.ts";

type StuckDelivery = InferResponseType<typeof api.stuck.$get, 200>["deliveries"][number];

interface EachProps {
  state: "dead" | "held";
  filter: { handler?: string; type?: string; cause?: string };
  begin: (act: Batch["act"], delivery: StuckDelivery) => void;
}

const pageSize = 50;

/** Individual deliveries, newest first. */
export function Each({ state, filter, begin }: EachProps) {
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
                <EachLine one={one} state={state} />
                <Acts
                  state={state}
                  handler={one.handler}
                  cause={one.error}
                  count={1}
                  label={`${one.handler} ${one.publicId ?? one.type}`}
                  begin={(act) => begin(act, one)}
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

function EachLine({ one, state }: { one: StuckDelivery; state: "dead" | "held" }) {
  return (
    <div>
      <Link to={paths.record(one.notificationId)} className="row-link">
        <span className="type">{one.type}</span>{" "}
        <bdi className="name">{one.publicId ?? one.notificationId.slice(0, 8)}</bdi>
      </Link>{" "}
      <span className="quiet small">
        {one.handler} <Subject of={one} /> · <When at={one.settledAt} />
      </span>
      <Said state={state} reason={one.error} />
    </div>
  );
}
