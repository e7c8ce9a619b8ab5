import { Alert, Group, Text } from "@mantine/core";
import { useState } from "react";
import { answer, api } from "../../api.ts";
import { ActButton } from "../../parts/act-button.tsx";
import { ReasonDialog } from "../../parts/reason-dialog.tsx";
import { When } from "../../parts/when.tsx";
import { queries } from "../../queries.ts";
import { texts } from "../../texts.ts";
import type { Story } from "./story.ts";

const words = texts.productsActs;

/** Operator actions on product pictures: trust a visitor's upload, restore what a delete removed. */
export function ProductsActs({ story: { record, standing, removal } }: { story: Story }) {
  const { assetId } = record;
  return (
    <>
      {assetId !== null && standing?.untrusted && (
        <Open
          title={words.untrusted}
          says={
            standing.unconfirmedApproval === null
              ? words.untrustedSays
              : words.unconfirmed(standing.unconfirmedApproval)
          }
          color="orange"
          button={words.trust}
          lead={words.trustLead}
          act={(reason) =>
            answer(api.pim.trust.$post({ json: { assetId, version: standing.version ?? 0, reason } }))
          }
        />
      )}
      {removal !== null && removal.restoredAt === null && (
        <Open
          title={words.removed(removal.pictures, removal.assets)}
          says={words.removedSays}
          color="gray"
          button={words.restore}
          go={words.restoreGo}
          lead={words.restoreLead}
          act={(reason) =>
            answer(
              api.notifications[":id"]["restore-removed"].$post({
                param: { id: record.id },
                json: { reason },
              }),
            )
          }
        />
      )}
      {removal !== null && removal.restoredAt !== null && (
        <Alert color="gray" mb="md">
          {words.restored} <When at={removal.restoredAt} />
        </Alert>
      )}
    </>
  );
}

/** Discards an asset's recorded state and reads it from Cloudinary. */
export function ResetAsset({ story: { record, standing } }: { story: Story }) {
  const { assetId } = record;
  if (assetId === null || standing === null) return null;
  return (
    <>
      {standing.resetAt !== null && (
        <Text size="sm">
          {words.wasReset} <When at={standing.resetAt} />
        </Text>
      )}
      <Asking
        button={words.reset}
        lead={words.resetLead}
        act={(reason) => answer(api.pim.reset.$post({ json: { assetId, reason, read: true } }))}
      />
    </>
  );
}

interface AskingProps {
  button: string;
  /** The label of the dialog's button; default: the same. */
  go?: string;
  lead: string;
  act: (reason: string) => Promise<unknown>;
}

interface OpenProps extends AskingProps {
  title: string;
  says: string;
  /** Shown only for unusual deletes: most deletes are intended. */
  color: "orange" | "gray";
}

function Open({ title, says, color, ...asking }: OpenProps) {
  return (
    <Alert color={color} mb="md" title={title}>
      <Text size="sm" mb="xs">
        {says}
      </Text>
      <Group gap="xs">
        <Asking {...asking} />
      </Group>
    </Alert>
  );
}

/** The button and its dialog, which asks for a reason. */
function Asking({ button, go = button, lead, act }: AskingProps) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <ActButton variant="default" size="xs" onClick={() => setAsking(true)}>
        {button}…
      </ActButton>
      {asking && (
        <ReasonDialog
          title={button}
          lead={lead}
          go={go}
          close={() => setAsking(false)}
          act={async ({ reason }) => {
            await act(reason);
            await queries.invalidateQueries();
          }}
        />
      )}
    </>
  );
}
