import { answer, api } from "../api.ts";
import { queries } from "../queries.ts";
import { texts } from "../texts.ts";
import { ReasonDialog } from "./reason-dialog.tsx";

interface ReplayDialogProps {
  notificationId: string;
  /** null: all of its deliveries. */
  handler: string | null;
  close: () => void;
}

const words = texts.replay;

export function ReplayDialog({ notificationId, handler, close }: ReplayDialogProps) {
  return (
    <ReasonDialog
      title={words.title}
      lead={words.lead(handler === null ? words.all : words.one(handler))}
      go={words.go}
      withForget
      close={close}
      act={async ({ reason, forget }) => {
        const json = { reason, forget, ...(handler !== null && { handler }) };
        await answer(api.notifications[":id"].replay.$post({ param: { id: notificationId }, json }));
        await queries.invalidateQueries();
      }}
    />
  );
}
