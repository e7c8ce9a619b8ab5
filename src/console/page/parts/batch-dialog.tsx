import { Button, Checkbox, Group, Modal, Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Link } from "wouter";
import { paths } from "../paths.ts";
import { queries } from "../queries.ts";
import { releaseWords } from "../texts/releases.ts";
import { texts } from "../texts.ts";
import { type Batch, deletionsOf, step } from "../views/attention/batch.ts";
import { CloudCounts } from "./cloud.tsx";
import { Deletions } from "./deletions.tsx";
import { Problem } from "./problem.tsx";
import { ReasonDialog } from "./reason-dialog.tsx";

const words = texts.stuck;

type Course =
  | { kind: "asking" }
  | { kind: "going"; done: number; left: number }
  | { kind: "ended"; done: number; withheld: number; stopped: boolean; error: unknown; reason: string };

/** Asks for a reason, then runs the action in batches with progress and a Stop button. Completed batches stay done; the rest can be started again. */
export function BatchDialog({ batch, close }: { batch: Batch; close: () => void }) {
  const [course, setCourse] = useState<Course>({ kind: "asking" });
  const stop = useRef(false);
  const [included, setIncluded] = useState(false);
  const mayDelete = batch.act === "replay" && batch.handler === "moderation";
  const found = useQuery({
    queryKey: ["stuck", "deletions", batch],
    queryFn: () => deletionsOf(batch),
    enabled: mayDelete,
    // The list that the operator agrees to does not change under it.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const deletions = found.data ?? [];
  const isSingle = batch.ids?.length === 1;
  const agreed = new Set(isSingle || included ? deletions.map(({ id }) => id) : []);

  async function run(reason: string) {
    let done = 0;
    let left = batch.count;
    let withheld = 0;
    try {
      while (left > 0 && !stop.current) {
        setCourse({ kind: "going", done, left });
        const result = await step(batch, { reason, agreed, done });
        withheld = result.withheld;
        done += result.done;
        left = result.done === 0 ? 0 : result.left;
      }
      setCourse({ kind: "ended", done, withheld, stopped: stop.current, error: null, reason });
    } catch (error) {
      setCourse({ kind: "ended", done, withheld, stopped: true, error, reason });
    }
    await queries.invalidateQueries();
  }

  const { title, lead, go, color } = wordsOf(batch);
  if (course.kind === "asking")
    return (
      <ReasonDialog
        title={title}
        lead={lead}
        go={go}
        {...(color && { color })}
        close={close}
        closes={false}
        act={async ({ reason }) => {
          if (mayDelete && found.data === undefined) throw found.error ?? new Error(texts.deletions.loading);
          void run(reason);
        }}
      >
        <CloudCounts counts={batch.clouds} />
        {deletions.length > 0 && <Deletions deletions={deletions} among={!isSingle} />}
        {deletions.length > 0 && !isSingle && (
          <Checkbox
            label={texts.deletions.include(deletions.length)}
            description={texts.deletions.includeHint}
            checked={included}
            onChange={(event) => setIncluded(event.currentTarget.checked)}
          />
        )}
      </ReasonDialog>
    );
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      closeButtonProps={{ "aria-label": texts.close }}
      closeOnClickOutside={false}
    >
      <Stack>
        {course.kind === "going" ? (
          <>
            <Progress
              value={(100 * course.done) / Math.max(1, course.done + course.left)}
              aria-label={title}
              animated
            />
            <Text size="sm" role="status">
              {words.progress(course.done, course.left)}
            </Text>
            <Group justify="flex-end">
              <Button
                variant="default"
                onClick={() => {
                  stop.current = true;
                }}
              >
                {words.stop}
              </Button>
            </Group>
          </>
        ) : (
          <>
            {course.error !== null && <Problem error={course.error} ofAct />}
            <Text size="sm" role="status">
              {course.stopped ? words.stopped(course.done) : words.finished(course.done)}
              {course.withheld > 0 && ` ${texts.deletions.withheld(course.withheld)}`}
            </Text>
            <Group justify="flex-end">
              {batch.act === "replay" && course.done > 0 && (
                <Button
                  component={Link}
                  to={`${paths.inbox}?handler=${encodeURIComponent(batch.handler)}`}
                  variant="default"
                  onClick={close}
                >
                  {words.toQueued}
                </Button>
              )}
              {course.error !== null && (
                <Button variant="default" onClick={() => void run(course.reason)}>
                  {texts.again}
                </Button>
              )}
              <Button onClick={close} data-autofocus>
                {texts.close}
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </Modal>
  );
}

function wordsOf({ act, state, handler, cause, count, release }: Batch): {
  title: string;
  lead: string;
  go: string;
  color?: string;
} {
  const said = releaseWords(handler, cause, state, release ?? null);
  if (act === "discard") {
    const go = count === 1 ? said.leave : said.leaveMany(count);
    return { title: go, lead: said.leaveLead, go };
  }
  const go = count === 1 ? said.again : said.againMany(count);
  return { title: go, lead: said.againLead, go, ...(said.red && { color: "red" }) };
}
