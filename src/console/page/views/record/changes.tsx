import { Table } from "@mantine/core";
import { Link } from "wouter";
import { paths } from "../../paths.ts";
import { texts } from "../../texts.ts";

const words = texts.record;

interface ChangesProps {
  handler: string;
  result: unknown;
  /** The asset's name before. */
  publicId: string | null;
}

/** What a delivery changed, as its handler says: before and after, where it knows both. */
export function Changes({ handler, result, publicId }: ChangesProps) {
  if (handler === "moderation") return <Decision result={result} publicId={publicId} />;
  const rows = handler === "pim" ? listOf(member(result, "assets")) : [];
  if (rows.length === 0) return null;
  return (
    <Table className="changes" captionSide="top" verticalSpacing={4} fz="xs">
      <Table.Caption>{words.changed}</Table.Caption>
      <Table.Tbody>
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a report never changes its order.
          <Table.Tr key={index}>
            <Table.Th scope="row">{text(row, "change")}</Table.Th>
            <Table.Td>{[text(row, "rendition"), text(row, "to")].filter(Boolean).join(" ")}</Table.Td>
            <Table.Td>{[text(row, "outcome"), text(row, "failure")].filter(Boolean).join(": ")}</Table.Td>
            <Table.Td>
              <Sku row={row} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Decision({ result, publicId }: { result: unknown; publicId: string | null }) {
  const action = text(result, "action") || text(result, "would");
  if (action === "") return null;
  const after = text(result, "publicId");
  return (
    <p className="small">
      {words.changed}: <strong>{action}</strong>
      {member(result, "dryRun") === true && ` (${words.dryRun})`}
      {publicId !== null && after !== "" && after !== publicId && (
        <>
          {" "}
          <bdi>{publicId}</bdi> → <bdi>{after}</bdi>
        </>
      )}
    </p>
  );
}

function Sku({ row }: { row: unknown }) {
  const sku = text(row, "sku");
  return sku === "" ? text(row, "state") : <Link to={paths.product(sku)}>{sku}</Link>;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function text(row: unknown, name: string): string {
  const value = member(row, name);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
