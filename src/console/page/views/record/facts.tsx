import { Text } from "@mantine/core";
import { Copyable, FactList } from "../../parts/fact-list.tsx";
import { When } from "../../parts/when.tsx";
import { texts } from "../../texts.ts";
import type { Story } from "./story.ts";

const words = texts.record;

export function Verdict({ record }: { record: Story["record"] }) {
  const { verdict, bodySha256, cloud } = record;
  return (
    <>
      {verdict ? (
        <p className="verdict good">
          <span aria-hidden="true">✓</span> {words.verified(verdict.secretName)}
        </p>
      ) : (
        <Text size="sm">{words.unsigned}</Text>
      )}
      <FactList
        facts={[
          [words.digest, verdict?.algorithm.toUpperCase().replace("SHA", "SHA-")],
          [words.signedAt, verdict && <When at={verdict.signedAt} exact />],
          [words.cloud, cloud],
          [words.age, verdict && `${verdict.ageSeconds} s`],
          [words.sha, <Copyable key="sha" value={bodySha256} of={words.sha} />],
        ]}
      />
    </>
  );
}

export function Facts({ story: { record, shown, standing } }: { story: Story }) {
  const seen = (
    <>
      {record.timesSeen}
      {record.timesSeen > 1 && (
        <span className="quiet">
          , <When at={record.lastSeenAt} />
        </span>
      )}
    </>
  );
  return (
    <FactList
      facts={[
        [words.received, <When key="received" at={record.receivedAt} exact />],
        [words.occurred, shown.occurredAt && <When at={shown.occurredAt} exact />],
        [words.triggered, shown.triggeredBy],
        [words.seen, seen],
        [words.version, record.version],
        [words.asset, record.assetId && <Copyable value={record.assetId} of={words.asset} />],
        [words.request, record.requestId && <Copyable value={record.requestId} of={words.request} />],
        [
          texts.productsActs.uploader,
          record.byPublicHook || standing?.byVisitor ? texts.productsActs.byVisitor : null,
        ],
        [
          words.clamped,
          shown.clamped.length > 0 ? <code key="clamped">{shown.clamped.join(", ")}</code> : null,
        ],
        [words.path, record.unexpectedFor && words.unexpected(record.unexpectedFor)],
        ...shown.decisions.map(
          ({ kind, status, at }) =>
            [
              kind,
              <>
                {status}
                {at !== null && (
                  <span className="quiet">
                    , <When at={at} />
                  </span>
                )}
              </>,
            ] as const,
        ),
      ]}
    />
  );
}

export function Headers({ headers }: { headers: Record<string, string> }) {
  return (
    <FactList
      facts={Object.entries(headers).map(([name, value]) => [name, <code key={name}>{value}</code>])}
    />
  );
}
