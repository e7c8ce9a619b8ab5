import { Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { answer, api } from "../api.ts";
import { Loaded } from "../parts/problem.tsx";
import { When } from "../parts/when.tsx";
import { paths } from "../paths.ts";
import { texts } from "../texts.ts";

const words = texts.health;

/** What Cloudinary sends and no schema knows, newest first; each leads to a notification that has it. */
export function Drift() {
  const query = useQuery({ queryKey: ["drift"], queryFn: () => answer(api.drift.$get()) });
  const { driftColumns: columns } = words;
  return (
    <Loaded query={query}>
      {({ drift }) =>
        drift.length === 0 ? (
          <Text size="sm">{words.noDrift}</Text>
        ) : (
          <>
            <Text size="sm">{words.driftSays}</Text>
            <Table verticalSpacing="xs">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{columns.what}</Table.Th>
                  <Table.Th>{columns.sample}</Table.Th>
                  <Table.Th>{columns.count}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {drift.map(({ kind, type, path, sample, count, firstAt, notificationId }) => (
                  <Table.Tr key={`${kind} ${type} ${path}`}>
                    <Table.Td>
                      <Link to={paths.record(notificationId)}>
                        {kind === "type" ? type : `${type}: ${path}`}
                      </Link>
                      <Text size="xs">
                        {words.driftKinds[kind]}, {columns.first} <When at={firstAt} />
                      </Text>
                    </Table.Td>
                    <Table.Td>
                      <code>{sample}</code>
                    </Table.Td>
                    <Table.Td>{count}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </>
        )
      }
    </Loaded>
  );
}
