import { Button, Group, Table, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import { answer, api } from "../api.ts";
import { Loaded } from "../parts/problem.tsx";
import { ViewTitle } from "../parts/title.tsx";
import { When } from "../parts/when.tsx";
import { paths } from "../paths.ts";
import { didWhat } from "../texts/acts.ts";
import { texts } from "../texts.ts";

const words = texts.acts;
const pageSize = 50;

/** The audit log. */
export function Acts() {
  const [params, setParams] = useSearchParams();
  const before = params.get("before");
  const acts = useQuery({
    queryKey: ["acts", before],
    queryFn: () => answer(api.acts.$get({ query: { limit: String(pageSize), ...(before && { before }) } })),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <ViewTitle text={texts.pages.acts} />
      <Text size="sm" mb="md">
        {words.lead}
      </Text>
      <Loaded query={acts}>
        {({ acts: found }) => (
          <>
            {found.length === 0 ? <p className="empty">{words.empty}</p> : <List acts={found} />}
            <Group justify="flex-end">
              {before !== null && (
                <Button variant="default" size="xs" onClick={() => setParams({})}>
                  {texts.newest}
                </Button>
              )}
              {found.length === pageSize && (
                <Button
                  variant="default"
                  size="xs"
                  onClick={() => setParams({ before: String(found.at(-1)?.id) })}
                >
                  {texts.older}
                </Button>
              )}
            </Group>
          </>
        )}
      </Loaded>
    </>
  );
}

interface Act {
  id: number;
  at: string;
  who: string;
  act: string;
  notificationId: string | null;
  handler: string | null;
  reason: string | null;
  detail: unknown;
  publicId: string | null;
  followed: string | null;
}

function List({ acts }: { acts: readonly Act[] }) {
  const { columns } = words;
  return (
    <Table className="panel" verticalSpacing="xs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{columns.at}</Table.Th>
          <Table.Th className="wide-only">{columns.who}</Table.Th>
          <Table.Th>{columns.what}</Table.Th>
          <Table.Th className="wide-only">{columns.reason}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {acts.map((act) => (
          <Table.Tr key={act.id}>
            <Table.Td className="cell-when small">
              <When at={act.at} />
              <strong className="narrow-only">{act.who}</strong>
            </Table.Td>
            <Table.Td className="wide-only">{act.who}</Table.Td>
            <Table.Td className="cell-name">
              <What act={act} />
              {act.reason && <q className="narrow-only">{act.reason}</q>}
            </Table.Td>
            <Table.Td className="wide-only cell-name">{act.reason}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** As text; an action without a text appears as recorded. */
function What({ act }: { act: Act }) {
  const { notificationId, handler, detail } = act;
  const did = didWhat(act);
  const said = Object.entries(Object(detail)).filter(([name, value]) => name !== "forgot" && value !== null);
  return (
    <>
      {did ?? (
        <>
          {act.act} {handler}{" "}
          <span className="quiet small">{said.map(([name, value]) => `${name}: ${value}`).join(" · ")}</span>
        </>
      )}{" "}
      {notificationId !== null && (
        <Link className="small" to={paths.record(notificationId)}>
          {texts.board.open}
        </Link>
      )}
    </>
  );
}
