import { Badge, Table } from "@mantine/core";
import { Link } from "wouter";
import { withheldBy } from "../../../shared/withheld.ts";
import { Picture } from "../../parts/picture.tsx";
import { States } from "../../parts/state.tsx";
import { When } from "../../parts/when.tsx";
import { paths } from "../../paths.ts";
import { texts } from "../../texts.ts";
import type { Listed } from "./listed.ts";

const words = texts.inbox;

export function InboxRow({ row, arrived }: { row: Listed; arrived: boolean }) {
  const name = row.publicId ?? (row.assets > 0 ? words.assets(row.assets) : null);
  const withheld = row.deliveries.find((delivery) => delivery.withheld !== null)?.withheld ?? undefined;
  return (
    <Table.Tr className={arrived ? "arrived" : undefined} data-notification={row.id}>
      <Table.Td className="cell-picture">
        <Picture src={row.thumbnail} alt="" />
      </Table.Td>
      <Table.Td className="cell-name">
        <Link to={paths.record(row.id)} className="row-link">
          <span className="type">{row.type}</span> <bdi className="name">{name ?? row.id.slice(0, 8)}</bdi>
        </Link>
        {row.erased && <div className="quiet small">{texts.erase.erased}</div>}
        {row.unexpectedFor !== null && (
          <div className="quiet small">{words.unexpected(row.unexpectedFor)}</div>
        )}
        {row.byPublicHook && (
          <Badge variant="light" color="orange" size="xs">
            {words.byVisitor}
          </Badge>
        )}
        {withheld !== undefined && (
          <Badge variant="light" color="orange" size="xs">
            {texts.withheld.inList[withheldBy(withheld)]}
          </Badge>
        )}
        <span className="narrow-only quiet small">
          <When at={row.receivedAt} />
        </span>
        <span className="narrow-only states">
          <States deliveries={row.deliveries} />
        </span>
      </Table.Td>
      <Table.Td className="wide-only cell-states">
        <span className="states">
          <States deliveries={row.deliveries} />
        </span>
      </Table.Td>
      <Table.Td className="wide-only cell-verdict small quiet">
        {row.secretName === null
          ? words.reconciled
          : words.signed(row.secretName, row.algorithm ?? texts.unknown)}
      </Table.Td>
      <Table.Td className="wide-only number">{row.timesSeen > 1 ? `×${row.timesSeen}` : ""}</Table.Td>
      <Table.Td className="wide-only cell-when quiet small">
        <When at={row.receivedAt} />
      </Table.Td>
    </Table.Tr>
  );
}
