import { Alert, List, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { own } from "../../../lib/shared/own.ts";
import { answer } from "../api.ts";
import { FactList } from "../parts/fact-list.tsx";
import { HoursChart } from "../parts/hours-chart.tsx";
import { Loaded } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { ViewTitle } from "../parts/title.tsx";
import { When } from "../parts/when.tsx";
import { calmMs } from "../queries.ts";
import { texts } from "../texts.ts";
import { Alerts } from "./alerts.tsx";
import { Handlers } from "./handlers.tsx";
import { type Health as HealthData, readHealth } from "./health-data.ts";

const words = texts.health;

export function Health() {
  const health = useQuery({
    queryKey: ["health"],
    queryFn: () => answer(readHealth()),
    refetchInterval: calmMs,
  });
  return (
    <>
      <ViewTitle text={texts.pages.health} />
      <Loaded query={health}>{(data) => <Whole health={data} />}</Loaded>
    </>
  );
}

function Whole({ health }: { health: HealthData }) {
  const { level, problem, findings, activity, secrets } = health;
  return (
    <>
      {problem === null ? (
        <Alert
          color={level === "degraded" ? "yellow" : "green"}
          mb="md"
          title={level === "degraded" ? words.degraded : words.well}
        />
      ) : (
        <Alert color="red" mb="md" title={words.ill} role="alert">
          {own(words.problems, problem) ?? problem}
        </Alert>
      )}
      {findings.length > 0 && (
        <Alert color="orange" mb="md" title={words.warnings}>
          <List size="sm" spacing="xs">
            {findings.map(({ id, what, why, fix }) => (
              <List.Item key={`${id} ${what}`}>
                {what}. {why} {fix}
              </List.Item>
            ))}
          </List>
          <Text size="sm" mt="xs">
            {words.doctor} <code>npx webhooks doctor --url {window.location.origin}</code>
          </Text>
        </Alert>
      )}
      <div className="columns even">
        <div>
          <Standing health={health} />
          {activity && <Charts hours={activity.hours} />}
          <Section title={words.secrets}>
            <Secrets secrets={secrets} />
          </Section>
        </div>
        <div>
          <Section title={words.handlers}>
            <Handlers />
          </Section>
          <Section title={words.alerts}>
            <Alerts />
          </Section>
          {activity && (
            <>
              <Section title={words.types}>
                <FactList
                  facts={activity.types.map(({ type, lastAt }) => [type, <When key={type} at={lastAt} />])}
                />
                {activity.types.length === 0 && <Text size="sm">{texts.none}</Text>}
              </Section>
              <Section title={words.heartbeats}>
                <FactList
                  facts={activity.heartbeats.map(({ name, at }) => [name, <When key={name} at={at} />])}
                />
                {activity.heartbeats.length === 0 && <Text size="sm">{words.noHeartbeat}</Text>}
              </Section>
            </>
          )}
        </div>
      </div>
    </>
  );
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
    <Section title={words.lastDay}>
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
    <Table.ScrollContainer
      minWidth={440}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, "aria-label": words.secrets, role: "region" } }}
    >
      <Table verticalSpacing="xs">
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
              <Table.Td>
                {name} {!configured && <span className="quiet small">{words.secretGone}</span>}
              </Table.Td>
              <Table.Td className="number">{count}</Table.Td>
              <Table.Td>
                <When at={lastAt} />
              </Table.Td>
              <Table.Td>
                <When at={expiresAt} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
