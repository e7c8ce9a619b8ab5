import { List, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api.ts";
import { queries } from "../queries.ts";
import { texts } from "../texts.ts";
import { Loaded } from "./problem.tsx";
import { ReasonDialog } from "./reason-dialog.tsx";

const words = texts.erase;

interface EraseDialogProps {
  notificationId: string;
  /** It names exactly one asset. */
  namesAsset: boolean;
  close: () => void;
}

/** Shows what would be erased, asks for a reason, and erases it in batches. */
export function EraseDialog({ notificationId, namesAsset, close }: EraseDialogProps) {
  const [scope, setScope] = useState(namesAsset ? "asset" : "notification");
  const target = scope === "asset" ? { assetOf: notificationId } : { notification: notificationId };
  const preview = useQuery({
    queryKey: ["erasure", target],
    queryFn: () => answer(api.erasures.preview.$post({ json: target })),
  });
  return (
    <ReasonDialog
      title={scope === "asset" ? words.assetTitle : words.oneTitle}
      lead={words.lead}
      go={scope === "asset" ? words.goAsset : words.goOne}
      color="red"
      close={close}
      act={async ({ reason }) => {
        await erase({ ...target, reason });
        await queries.invalidateQueries();
      }}
    >
      {namesAsset && (
        <SegmentedControl
          value={scope}
          onChange={setScope}
          aria-label={words.scope}
          data={[
            { value: "asset", label: words.asset },
            { value: "notification", label: words.one },
          ]}
        />
      )}
      <Loaded query={preview}>
        {({ assetIds, publicIds, notifications, shared, deliveries, open, deleted }) => (
          <List size="sm">
            <List.Item>{words.notifications(notifications)}</List.Item>
            <List.Item>{words.deliveries(deliveries, open)}</List.Item>
            {shared > 0 && <List.Item>{words.shared(shared)}</List.Item>}
            {publicIds.map((id) => (
              <List.Item key={id}>
                {words.publicId} <bdi>{id}</bdi>
              </List.Item>
            ))}
            {assetIds.map((id) => (
              <List.Item key={id}>
                {words.assetId} <bdi>{id}</bdi>
              </List.Item>
            ))}
            {scope === "asset" && !deleted && <List.Item>{words.notDeleted}</List.Item>}
          </List>
        )}
      </Loaded>
    </ReasonDialog>
  );
}

/** Running deliveries are erased when they end; after this many checks the sweep takes over. */
const maxIdleLooks = 30;
const pauseMs = 2_000;

async function erase(json: { assetOf: string; reason: string } | { notification: string; reason: string }) {
  let progress = await answer(api.erasures.$post({ json }));
  for (let idle = 0; !progress.finished && idle < maxIdleLooks; ) {
    if (progress.erased === 0) {
      idle += 1;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    progress = await answer(api.erasures[":id"].continue.$post({ param: { id: progress.id } }));
  }
  if (!progress.finished) throw new Error(words.unfinished(progress.left));
}
