import { Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api.ts";
import { ActButton } from "../parts/act-button.tsx";
import { Loaded } from "../parts/problem.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { When } from "../parts/when.tsx";
import { queries } from "../queries.ts";
import { texts } from "../texts.ts";

const words = texts.health;

interface Asked {
  cause: string;
  what: string;
  act: "mute" | "unmute";
}

/** The causes of alerts, active ones first. Operators mute those that nobody needs to hear about. */
export function Alerts() {
  const alerts = useQuery({
    queryKey: ["alerts"],
    queryFn: () => answer(api.alerts.$get()),
  });
  const [asked, setAsked] = useState<Asked | null>(null);
  const { alertColumns: columns } = words;
  return (
    <Loaded query={alerts}>
      {({ alerts: all }) => (
        <>
          {all.length === 0 ? (
            <Text size="sm">{words.noAlerts}</Text>
          ) : (
            <Table verticalSpacing="xs">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{columns.what}</Table.Th>
                  <Table.Th>{columns.state}</Table.Th>
                  <Table.Th>{columns.act}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map(({ cause, what, active, beganAt, endedAt, mutedAt, mutedBy, muteReason }) => (
                  <Table.Tr key={cause}>
                    <Table.Td>{what}</Table.Td>
                    <Table.Td className="small">
                      {active ? words.alertSince : words.alertEnded}{" "}
                      <When at={active ? beganAt : (endedAt ?? beganAt)} />
                      {mutedAt !== null && (
                        <Text size="xs">{words.mutedBy(mutedBy ?? texts.unknown, muteReason ?? "")}</Text>
                      )}
                    </Table.Td>
                    <Table.Td>
                      <ActButton
                        size="compact-sm"
                        variant={mutedAt === null ? "default" : "filled"}
                        aria-label={mutedAt === null ? words.muteTitle(what) : words.unmuteTitle(what)}
                        onClick={() => setAsked({ cause, what, act: mutedAt === null ? "mute" : "unmute" })}
                      >
                        {mutedAt === null ? words.mute : words.unmute}…
                      </ActButton>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
          {asked && (
            <ReasonDialog
              title={asked.act === "mute" ? words.muteTitle(asked.what) : words.unmuteTitle(asked.what)}
              lead={asked.act === "mute" ? words.muteLead : words.unmuteLead}
              go={asked.act === "mute" ? words.mute : words.unmute}
              close={() => setAsked(null)}
              act={async ({ reason }) => {
                await answer(
                  api.alerts[":cause"][asked.act].$post({ param: { cause: asked.cause }, json: { reason } }),
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
