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
import { WithheldShown } from "../parts/withheld.tsx";
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
            {deliveries.map((delivery) => (
              <li key={delivery.id}>
                <EachLine delivery={delivery} state={state} />
                <Acts
                  state={state}
                  handler={delivery.handler}
                  cause={delivery.error}
                  count={1}
                  label={`${delivery.handler} ${delivery.publicId ?? delivery.type}`}
                  begin={(act) => begin(act, delivery)}
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

function EachLine({ delivery, state }: { delivery: StuckDelivery; state: "dead" | "held" }) {
  return (
    <div>
      <Link to={paths.record(delivery.notificationId)} className="row-link">
        <span className="type">{delivery.type}</span>{" "}
        <bdi className="name">{delivery.publicId ?? delivery.notificationId.slice(0, 8)}</bdi>
      </Link>{" "}
      <span className="quiet small">
        {delivery.handler} <Subject of={delivery} /> · <When at={delivery.settledAt} />
      </span>
      <Said state={state} reason={delivery.error} />
      <WithheldShown result={delivery.result} secretName={delivery.secretName} />
    </div>
  );
}
