import { Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api.ts";
import { ActButton } from "../parts/act-button.tsx";
import { Loaded } from "../parts/problem.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { calmMs, queries } from "../queries.ts";
import { handlerWords } from "../texts/handlers.ts";
import { texts } from "../texts.ts";

const words = texts.health;

/** Each handler with its open deliveries, and whether it is paused. */
export function Handlers() {
  const handlers = useQuery({
    queryKey: ["handlers"],
    queryFn: () => answer(api.handlers.$get()),
    refetchInterval: calmMs,
  });
  const [asked, setAsked] = useState<{ name: string; act: "pause" | "resume" } | null>(null);
  const { handlerColumns: columns } = words;
  return (
    <Loaded query={handlers}>
      {({ handlers: all }) => (
        <>
          <Table verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{columns.name}</Table.Th>
                <Table.Th className="number">{columns.open}</Table.Th>
                <Table.Th>{columns.state}</Table.Th>
                <Table.Th>{columns.act}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map(({ name, due, running, pausedAt, pausedBy, pauseReason }) => (
                <Table.Tr key={name}>
                  <Table.Td>{name}</Table.Td>
                  <Table.Td className="number">{due + running}</Table.Td>
                  <Table.Td className="small">
                    {pausedAt === null
                      ? words.active
                      : words.pausedBy(pausedBy ?? texts.unknown, pauseReason ?? "")}
                  </Table.Td>
                  <Table.Td>
                    <ActButton
                      size="compact-sm"
                      variant={pausedAt === null ? "default" : "filled"}
                      aria-label={pausedAt === null ? words.pauseTitle(name) : words.resumeTitle(name)}
                      onClick={() => setAsked({ name, act: pausedAt === null ? "pause" : "resume" })}
                    >
                      {pausedAt === null ? words.pause : words.resume}…
                    </ActButton>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          {asked && (
            <ReasonDialog
              title={asked.act === "pause" ? words.pauseTitle(asked.name) : words.resumeTitle(asked.name)}
              lead={
                asked.act === "pause"
                  ? handlerWords(asked.name).pauseLead
                  : handlerWords(asked.name).resumeLead
              }
              go={asked.act === "pause" ? words.pauseTitle(asked.name) : words.resumeTitle(asked.name)}
              close={() => setAsked(null)}
              act={async ({ reason }) => {
                await answer(
                  api.handlers[":name"][asked.act].$post({ param: { name: asked.name }, json: { reason } }),
                );
                await queries.invalidateQueries();
              }}
            />
          )}
        </>
      )}
    </Loaded>
  );
}
