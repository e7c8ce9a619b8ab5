import { Tabs } from "@mantine/core";
import { useSearchParams } from "wouter";
import { handlerName } from "../../../shared/outcome.ts";
import { JsonShown } from "../../parts/json-shown.tsx";
import { StateBadge } from "../../parts/state.tsx";
import { Subject } from "../../parts/subject.tsx";
import { When } from "../../parts/when.tsx";
import { texts } from "../../texts.ts";
import { Body } from "./body.tsx";
import { ExchangeShown } from "./exchange.tsx";
import { Headers, Verdict } from "./facts.tsx";
import type { Delivery, Story } from "./story.ts";

const words = texts.record;
const tabs = ["body", "headers", "signature", "attempts"] as const;

/** What a developer looks for, at the end of the story. The tab is in the address. */
export function DetailTabs({ story: { record } }: { story: Story }) {
  const [params, setParams] = useSearchParams();
  const erased = record.erasedAt !== null;
  const shown = erased ? tabs.filter((name) => name !== "body") : tabs;
  const tab = shown.find((name) => name === params.get("tab")) ?? shown[0] ?? "headers";
  const attempts = record.deliveries.reduce((sum, delivery) => sum + delivery.attempts.length, 0);
  return (
    <section className="section details" aria-label={words.details}>
      <Tabs
        value={tab}
        onChange={(value) =>
          setParams(value === null || value === "body" ? {} : { tab: value }, { replace: true })
        }
        keepMounted={false}
      >
        <Tabs.List>
          {shown.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {words.tabs[name]}
              {name === "attempts" && attempts > 0 && <span className="tab-count"> {attempts}</span>}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <div className="section-body">
          <Tabs.Panel value="body">
            <Body id={record.id} bytesName={`notification-${record.id}.json`} />
          </Tabs.Panel>
          <Tabs.Panel value="headers">
            <Headers headers={record.headers} />
          </Tabs.Panel>
          <Tabs.Panel value="signature">
            <Verdict record={record} />
          </Tabs.Panel>
          <Tabs.Panel value="attempts">
            <Attempts deliveries={record.deliveries} />
          </Tabs.Panel>
        </div>
      </Tabs>
    </section>
  );
}

function Attempts({ deliveries }: { deliveries: readonly Delivery[] }) {
  if (deliveries.length === 0) return <p className="small">{words.noDeliveries}</p>;
  return deliveries.map((delivery) => (
    <article key={delivery.id} className="delivery" aria-label={delivery.handler}>
      <h3 className="delivery-head">
        {handlerName(delivery.handler)} <code className="type">{delivery.handler}</code>{" "}
        <Subject of={delivery} /> <StateBadge state={delivery.state} />
      </h3>
      {delivery.attempts.length > 0 && (
        <ol className="attempts">
          {delivery.attempts.map(({ number, startedAt, endedAt, outcome, error, exchange }) => (
            <li key={number}>
              <strong>{words.attempt(number)}</strong>{" "}
              <span className="quiet">
                {outcome ?? texts.states.running} · <When at={startedAt} exact />
                {endedAt !== null &&
                  ` · ${words.took(Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)))}`}
              </span>
              {error !== null && <p className="mono said">{error}</p>}
              {exchange && <ExchangeShown exchange={exchange} />}
            </li>
          ))}
        </ol>
      )}
      {delivery.result !== null && (
        <details>
          <summary>{words.result}</summary>
          <JsonShown value={delivery.result} label={words.result} />
        </details>
      )}
    </article>
  ));
}
