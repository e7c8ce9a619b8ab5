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

export function Headers({ headers }: { headers: Record<string, string> }) {
  return (
    <FactList
      facts={Object.entries(headers).map(([name, value]) => [name, <code key={name}>{value}</code>])}
    />
  );
}
