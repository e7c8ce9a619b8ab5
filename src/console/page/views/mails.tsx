import { Button, Group, Table } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import { answer, api } from "../api.ts";
import { Said } from "../parts/delivery-reason.tsx";
import { Loaded } from "../parts/problem.tsx";
import { StateBadge } from "../parts/state.tsx";
import { ViewTitle } from "../parts/title.tsx";
import { When } from "../parts/when.tsx";
import { paths } from "../paths.ts";
import { calmMs } from "../queries.ts";
import { texts } from "../texts.ts";
import { recipientsOf } from "./recipients.ts";

const words = texts.mails;

/** The e-mails with their states, newest first. */
export function Mails() {
  const [params, setParams] = useSearchParams();
  const before = params.get("before");
  const mails = useQuery({
    queryKey: ["mails", before],
    queryFn: () => answer(api.mails.$get({ query: before === null ? {} : { before } })),
    refetchInterval: calmMs,
    placeholderData: keepPreviousData,
  });
  const { columns } = words;
  return (
    <>
      <ViewTitle text={texts.pages.mails} />
      <Loaded query={mails}>
        {({ mails: found, next }) => (
          <>
            {found.length === 0 ? (
              <p className="empty">{words.empty}</p>
            ) : (
              <Table className="panel" verticalSpacing="xs">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{columns.subject}</Table.Th>
                    <Table.Th>{columns.state}</Table.Th>
                    <Table.Th className="wide-only">{columns.recipients}</Table.Th>
                    <Table.Th className="wide-only">{columns.when}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {found.map((mail) => (
                    <Table.Tr key={mail.id}>
                      <Table.Td className="cell-name">
                        <Link to={paths.mail(mail.id)} className="row-link">
                          <span className="type">{mail.type}</span>{" "}
                          <bdi className="name">{mail.publicId ?? mail.notificationId.slice(0, 8)}</bdi>
                        </Link>
                        <span className="narrow-only quiet small">
                          <When at={mail.createdAt} />
                        </span>
                      </Table.Td>
                      <Table.Td>
                        <StateBadge state={mail.state} />
                        <span className="wide-only">
                          <Said state={mail.state} reason={mail.error} />
                        </span>
                      </Table.Td>
                      <Table.Td className="wide-only cell-recipients small">
                        {recipientsOf(mail.result).accepted.join(", ")}
                      </Table.Td>
                      <Table.Td className="wide-only cell-when quiet small">
                        <When at={mail.createdAt} />
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            )}
            <Group justify="flex-end" mt="sm">
              {before !== null && (
                <Button variant="default" size="xs" onClick={() => setParams({})}>
                  {texts.newest}
                </Button>
              )}
              {next !== null && (
                <Button variant="default" size="xs" onClick={() => setParams({ before: next })}>
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
