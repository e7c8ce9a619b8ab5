import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { answer, api } from "../api.ts";
import { queries } from "../queries.ts";
import { texts } from "../texts.ts";
import { Problem } from "./problem.tsx";

const words = texts.products.backfill;

/** Lists the library at Cloudinary step by step, for as long as the dialog is open. */
export function BackfillDialog({ close }: { close: () => void }) {
  const [said, setSaid] = useState("");
  const isOpen = useRef(true);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
    };
  }, []);
  const running = useMutation({
    mutationFn: async (dryRun: boolean) => {
      const sum = { listed: 0, recorded: 0 };
      let position: Parameters<typeof api.pim.backfill.$post>[0]["json"]["position"];
      while (isOpen.current) {
        const step = await answer(
          api.pim.backfill.$post({ json: { dryRun, ...(position !== undefined && { position }) } }),
        );
        // A dry run is not stored, so each answer counts from zero.
        sum.listed = step.listed + (dryRun ? sum.listed : 0);
        sum.recorded = step.recorded + (dryRun ? sum.recorded : 0);
        const counts = words.counts(sum.listed, sum.recorded, dryRun);
        if (step.position === null) return setSaid(`${words.finished} ${counts}`);
        if (step.stopped !== null && step.stopped !== "time") return setSaid(`${counts} ${words.limit}`);
        setSaid(counts);
        position = step.position;
      }
    },
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <Modal opened onClose={close} title={words.title} closeButtonProps={{ "aria-label": texts.cancel }}>
      <Stack>
        <Text size="sm">{words.lead}</Text>
        <Text size="sm">{words.visitors}</Text>
        <Text size="sm" role="status">
          {said}
        </Text>
        {running.error && <Problem error={running.error} />}
        <Group justify="flex-end">
          <Button variant="default" disabled={running.isPending} onClick={() => running.mutate(true)}>
            {words.count}
          </Button>
          <Button loading={running.isPending} onClick={() => running.mutate(false)}>
            {words.go}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
