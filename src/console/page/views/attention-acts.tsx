import { Group } from "@mantine/core";
import { ActButton } from "../parts/act-button.tsx";
import { texts } from "../texts.ts";
import type { Batch } from "./batch.ts";

const words = texts.stuck;

interface ActsProps {
  state: "dead" | "held";
  /** What they are about, for those who do not see where they stand. */
  label: string;
  begin: (act: Batch["act"]) => void;
}

export function Acts({ state, label, begin }: ActsProps) {
  const go = state === "held" ? words.release : words.replay;
  return (
    <Group gap={6} wrap="nowrap">
      <ActButton size="compact-sm" onClick={() => begin("replay")} aria-label={`${go}: ${label}`}>
        {go}
      </ActButton>
      <ActButton
        size="compact-sm"
        variant="default"
        onClick={() => begin("discard")}
        aria-label={`${words.discard}: ${label}`}
      >
        {words.discard}
      </ActButton>
    </Group>
  );
}
