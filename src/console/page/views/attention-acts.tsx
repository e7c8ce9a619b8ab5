import { Anchor, Group } from "@mantine/core";
import { Link } from "wouter";
import { ActButton } from "../parts/act-button.tsx";
import { paths } from "../paths.ts";
import { handlerWords } from "../texts/handlers.ts";
import { texts } from "../texts.ts";
import type { Batch } from "./batch.ts";

interface ActsProps {
  state: "dead" | "held";
  handler: string;
  /** The cause as the API returns it. */
  cause: string | null;
  count: number;
  /** The accessible description of what the actions apply to. */
  label: string;
  begin: (act: Batch["act"]) => void;
}

/** The available actions. Held decisions are made in Moderation, where the picture is visible. */
export function Acts({ state, handler, cause, count, label, begin }: ActsProps) {
  if (state === "held" && handler === "moderation")
    return (
      <Anchor
        component={Link}
        to={paths.heldPictures}
        size="sm"
        aria-label={`${texts.stuck.decide}: ${label}`}
      >
        {texts.stuck.decide}
      </Anchor>
    );
  const words = handlerWords(handler, cause, state === "dead" ? { decision: null } : undefined);
  const again = count === 1 ? words.again : words.againMany(count);
  const leave = count === 1 ? words.leave : words.leaveMany(count);
  // Only an operator can resolve an unknown outcome.
  const sure = cause !== "outcome-unknown";
  return (
    <Group gap={6}>
      <ActButton
        size="compact-sm"
        variant={sure && !words.red ? "filled" : "default"}
        {...(words.red && { color: "red", variant: "light" })}
        onClick={() => begin("replay")}
        aria-label={`${again}: ${label}`}
      >
        {again}…
      </ActButton>
      <ActButton
        size="compact-sm"
        variant="default"
        onClick={() => begin("discard")}
        aria-label={`${leave}: ${label}`}
      >
        {leave}…
      </ActButton>
    </Group>
  );
}
