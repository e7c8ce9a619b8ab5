import { Table } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { own } from "../../../lib/shared/own.ts";
import { answer, api } from "../api.ts";
import { useListAddress } from "../lists/address.ts";
import { FilterBar, type FilterField, NothingFound, sinceField } from "../lists/filter-bar.tsx";
import { AllEnvironments } from "../parts/cloud.tsx";
import { Empty } from "../parts/empty.tsx";
import { Loaded } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { ViewTitle } from "../parts/title.tsx";
import { When } from "../parts/when.tsx";
import { texts } from "../texts.ts";

const words = texts.refusals;
const fields: readonly FilterField[] = [
  {
    name: "reason",
    label: texts.lists.reason,
    options: Object.keys(texts.diagnoses).map((reason) => [reason, reason]),
  },
  sinceField,
];

type Refused = InferResponseType<typeof api.refusals.$get, 200>["refusals"][number];

/** Rejected requests with their reasons. */
export function Refusals() {
  const address = useListAddress({ reason: null, since: null });
  const refusals = useQuery({
    queryKey: ["refusals", address.filters],
    queryFn: () => answer(api.refusals.$get({ query: address.filters })),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <ViewTitle text={texts.pages.refusals} />
      <AllEnvironments />
      <p className="view-lead">{words.lead}</p>
      <FilterBar list="refusals" address={address} fields={fields} />
      <Loaded query={refusals}>
        {({ refusals: found }) =>
          found.length === 0 && address.isFiltered ? (
            <NothingFound address={address} fields={fields} />
          ) : found.length === 0 ? (
            <Empty title={words.empty}>
              <p>{words.emptySays}</p>
            </Empty>
          ) : (
            found.map((refusal) => <Refusal key={refusal.reason} refused={refusal} />)
          )
        }
      </Loaded>
    </>
  );
}

function Refusal({ refused: { reason, count, lastAt, samples } }: { refused: Refused }) {
  const diagnosis = own(texts.diagnoses, reason);
  return (
    <Section
      title={diagnosis?.what ?? reason}
      aside={
        <span className="quiet small">
          {words.count(count)}, {words.last} <When at={lastAt} />
        </span>
      }
    >
      <p className="small">
        <code>{reason}</code> {diagnosis?.todo}
      </p>
      {samples.length > 0 && (
        <>
          <Samples samples={samples} />
          <p className="small quiet">{words.doctor}</p>
        </>
      )}
    </Section>
  );
}

function Samples({ samples }: { samples: Refused["samples"] }) {
  const { columns } = words;
  return (
    <Table.ScrollContainer
      minWidth={640}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, "aria-label": words.samples, role: "region" } }}
    >
      <Table fz="xs" verticalSpacing={4} className="stacked">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{columns.at}</Table.Th>
            <Table.Th>{columns.id}</Table.Th>
            <Table.Th>{columns.path}</Table.Th>
            <Table.Th>{columns.agent}</Table.Th>
            <Table.Th>{columns.timestamp}</Table.Th>
            <Table.Th className="number">{columns.length}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {samples.map((sample, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: samples have no name of their own and may be equal.
            <Table.Tr key={index}>
              <Table.Td className="cell-when" data-label={columns.at}>
                <When at={sample.at} />
              </Table.Td>
              <Table.Td data-label={columns.id}>
                <code>{sample.id}</code>
              </Table.Td>
              <Table.Td data-label={columns.path}>
                <code>{sample.path}</code>
              </Table.Td>
              <Table.Td data-label={columns.agent}>{sample.userAgent}</Table.Td>
              <Table.Td data-label={columns.timestamp}>
                <code>{sample.timestamp}</code>
              </Table.Td>
              <Table.Td className="number" data-label={columns.length}>
                {sample.signatureLength}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
