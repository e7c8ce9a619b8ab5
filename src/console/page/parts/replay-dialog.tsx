import { answer, api } from "../api.ts";
import { queries } from "../queries.ts";
import { againAll, handlerWords } from "../texts/handlers.ts";
import { texts } from "../texts.ts";
import { ReasonDialog } from "./reason-dialog.tsx";

interface ReplayDialogProps {
  notificationId: string;
  /** null: all of its deliveries. */
  handler: string | null;
  /** All deliveries to replay. */
  handlers: readonly string[];
  /** Why the one is held. */
  cause: string | null;
  /** The one failed. */
  failed?: { decision: string | null } | undefined;
  close: () => void;
}

const words = texts.replay;

export function ReplayDialog({ notificationId, handler, handlers, cause, failed, close }: ReplayDialogProps) {
  const said = handlerWords(handler, cause, failed);
  const name = handler === null ? againAll(handlers) : said.again;
  return (
    <ReasonDialog
      title={name}
      lead={handler === null ? words.lead : said.againLead}
      go={name}
      {...(handler !== null && said.red && { color: "red" })}
      withForget={handler === null || handler === "email"}
      close={close}
      act={async ({ reason, forget }) => {
        const json = { reason, forget, ...(handler !== null && { handler }) };
        await answer(api.notifications[":id"].replay.$post({ param: { id: notificationId }, json }));
        await queries.invalidateQueries();
      }}
    >
      {handler === null && (
        <ul className="replayed">
          {handlers.map((one) => (
            <li key={one}>
              <strong>{one}</strong>: {handlerWords(one).againLead}
            </li>
          ))}
        </ul>
      )}
    </ReasonDialog>
  );
}
