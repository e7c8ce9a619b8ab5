import { Table, Text } from "@mantine/core";
import { Link } from "wouter";
import { AllEnvironments } from "../parts/cloud.tsx";
import { FactList } from "../parts/fact-list.tsx";
import { HoursChart } from "../parts/hours-chart.tsx";
import { Icon } from "../parts/icon.tsx";
import { Loaded } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { ViewTitle } from "../parts/title.tsx";
import { exactOf, When } from "../parts/when.tsx";
import { paths } from "../paths.ts";
import { texts } from "../texts.ts";
import { Alerts } from "./alerts.tsx";
import { Drift } from "./drift.tsx";
import { Handlers } from "./handlers.tsx";
import {
  type Finding,
  findingsOf,
  type Health as HealthData,
  stateOf,
  useHandlers,
  useHealth,
} from "./health-data.ts";

const words = texts.health;

/** The receiver's state in a sentence, what is not well with the page that shows it, and the figures. */
export function Health() {
  const health = useHealth();
  const handlers = useHandlers();
  return (
    <>
      <ViewTitle text={texts.pages.health} />
      <AllEnvironments />
      <Loaded query={health} what={words.theHealth}>
        {(data) => <Whole health={data} findings={findingsOf(data, handlers.data?.handlers ?? [])} />}
      </Loaded>
    </>
  );
}

function State({ findings }: { findings: readonly Finding[] }) {
  const state = stateOf(findings);
  return (
    <section className={`health-state ${state}`} role={state === "failed" ? "alert" : undefined}>
      <h2>
        <Icon name={state === "well" ? "check" : "attention"} size={20} />
        {words.states[state]}
      </h2>
      {state === "well" && <p className="quiet">{words.wellSays}</p>}
      {findings.length > 0 && (
        <ul className="findings">
          {findings.map((finding) => (
            <li key={`${finding.id} ${finding.what}`} className={finding.level}>
              <span className="finding-sign">
                <Icon name={finding.level === "failed" ? "close" : "attention"} />
              </span>
              <div>
                {finding.to.startsWith("#") ? (
                  <a href={finding.to}>{partsOf(finding)[0]}</a>
                ) : (
                  <Link to={finding.to}>{partsOf(finding)[0]}</Link>
                )}
                <p className="small quiet">
                  {partsOf(finding)[1]} {finding.why} {finding.fix}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** A warning names its causes after a colon: they are not part of the link. Its times are written for logs. */
function partsOf({ what }: Finding): [head: string, details: string] {
  const timed = what.replace(isoTime, (at) => exactOf(new Date(at)));
  const at = timed.indexOf(": ");
  if (at === -1 || timed.slice(0, at).split(" ").length < minWords) return [timed, ""];
  const details = timed.slice(at + 2);
  return [timed.slice(0, at), `${details.charAt(0).toUpperCase()}${details.slice(1)}.`];
}

/** Fewer are a name, such as that of a variable. */
const minWords = 3;
const isoTime = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

function Whole({ health, findings }: { health: HealthData; findings: readonly Finding[] }) {
  const { activity, secrets } = health;
  return (
    <>
      <State findings={findings} />
      <div id="handlers">
        <Section title={words.handlers}>
          <Handlers />
        </Section>
      </div>
      {activity && <Charts hours={activity.hours} />}
      <div id="drift">
        <Section title={words.drift}>
          <Drift />
        </Section>
      </div>
      <div className="columns even">
        <div>
          <div id="secrets">
            <Section title={words.secrets}>
              <Secrets secrets={secrets} />
            </Section>
          </div>
          <Standing health={health} />
        </div>
        <div id="functions">
          <Section title={words.alerts}>
            <Alerts />
          </Section>
          {activity && (
            <>
              <Section title={words.heartbeats}>
                <FactList
                  facts={activity.heartbeats.map(({ name, at }) => [name, <When key={name} at={at} />])}
                />
                {activity.heartbeats.length === 0 && <Text size="sm">{words.noHeartbeat}</Text>}
              </Section>
              <Section title={words.types}>
                <Types types={activity.types.slice(0, shownTypes)} />
                {activity.types.length > shownTypes && (
                  <details>
                    <summary>{words.moreTypes(activity.types.length - shownTypes)}</summary>
                    <Types types={activity.types.slice(shownTypes)} />
                  </details>
                )}
                {activity.types.length === 0 && <Text size="sm">{texts.none}</Text>}
              </Section>
            </>
          )}
        </div>
      </div>
      <p id="checks" className="small quiet">
        {words.doctor} <code>npx webhooks doctor --url {window.location.origin}</code>
      </p>
    </>
  );
}

const shownTypes = 8;

function Types({ types }: { types: NonNullable<HealthData["activity"]>["types"] }) {
  return <FactList facts={types.map(({ type, lastAt }) => [type, <When key={type} at={lastAt} />])} />;
}

function Standing({ health: { standing, clockAheadMs, errorPercent } }: { health: HealthData }) {
  if (!standing) return null;
  return (
    <Section title={words.open}>
      <FactList
        facts={[
          [words.due, standing.due],
          [words.overdue, standing.overdue],
          [words.running, standing.running],
          [words.held, standing.held],
          [words.dead, standing.dead],
          [words.oldest, standing.oldestDueAt && <When at={standing.oldestDueAt} />],
          [words.errorRate, errorPercent === null ? null : `${errorPercent}%`],
          [words.clock, clockAheadMs === null ? null : words.clockAhead(clockAheadMs)],
        ]}
      />
    </Section>
  );
}

function Charts({ hours }: { hours: NonNullable<HealthData["activity"]>["hours"] }) {
  return (
    <Section
      title={words.lastDay}
      aside={
        <Link to={paths.inbox} className="small">
          {words.toInbox}
        </Link>
      }
    >
      <HoursChart
        title={words.chartArrivals}
        names={[words.notifications]}
        hours={hours.map(({ hour, notifications }) => ({ hour, values: [notifications] }))}
      />
      <HoursChart
        title={words.chartAttempts}
        names={[words.settled, words.failed]}
        hours={hours.map(({ hour, settled, failed }) => ({ hour, values: [settled, failed] }))}
      />
    </Section>
  );
}

function Secrets({ secrets }: { secrets: HealthData["secrets"] }) {
  const { secretColumns: columns } = words;
  return (
    <Table verticalSpacing="xs" className="stacked">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{columns.name}</Table.Th>
          <Table.Th className="number">{columns.use}</Table.Th>
          <Table.Th>{columns.last}</Table.Th>
          <Table.Th>{columns.ends}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {secrets.map(({ name, count, lastAt, expiresAt, configured }) => (
          <Table.Tr key={name}>
            <Table.Td data-label={columns.name}>
              {name} {!configured && <span className="quiet small">{words.secretGone}</span>}
            </Table.Td>
            <Table.Td className="number" data-label={columns.use}>
              {count}
            </Table.Td>
            <Table.Td data-label={columns.last}>
              <When at={lastAt} />
            </Table.Td>
            <Table.Td data-label={columns.ends}>
              <When at={expiresAt} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
