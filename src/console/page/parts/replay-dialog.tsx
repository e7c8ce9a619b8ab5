import { answer, api } from "../api.ts";
import { queries } from "../queries.ts";
import { handlerWords } from "../texts/handlers.ts";
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
  close: () => void;
}

const words = texts.replay;

export function ReplayDialog({ notificationId, handler, handlers, cause, close }: ReplayDialogProps) {
  const said = handlerWords(handler, cause);
  return (
    <ReasonDialog
      title={handler === null ? words.title : said.again}
      lead={handler === null ? words.lead : said.againLead}
      go={handler === null ? words.go : said.again}
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
          {handlers.map((name) => (
            <li key={name}>
              <strong>{name}</strong>: {handlerWords(name).againLead}
            </li>
          ))}
        </ul>
      )}
    </ReasonDialog>
  );
}
