import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../api.ts";
import { queries } from "../queries.ts";
import { againAll, handlerWords } from "../texts/handlers.ts";
import { texts } from "../texts.ts";
import { Deletions } from "./deletions.tsx";
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
  /** Its held and failed decisions, which may delete a picture, as far as they are known; without the handler, no picture is deleted. */
  decisionIds: readonly string[];
  close: () => void;
}

const words = texts.replay;

export function ReplayDialog(props: ReplayDialogProps) {
  const { notificationId, handler, handlers, cause, failed, decisionIds, close } = props;
  const isMeant = decisionIds.length > 0 && (handler === null || handler === "moderation");
  const found = useQuery({
    queryKey: ["stuck", "deletions", notificationId, decisionIds],
    queryFn: async () => {
      const read = (id: string) => answer(api.deliveries[":id"].release.$get({ param: { id } }));
      return (await Promise.all(decisionIds.map(read))).flatMap(({ deletions }) => deletions);
    },
    enabled: isMeant,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const deletions = found.data ?? [];
  const said = handlerWords(handler, cause, failed);
  const name = handler === null ? againAll(handlers) : said.again;
  return (
    <ReasonDialog
      title={name}
      lead={handler === null ? words.lead : said.againLead}
      go={name}
      {...(handler !== null && said.red && { color: "red" })}
      withForget={handler === null || handler === "email" || handler === "chat"}
      close={close}
      act={async ({ reason, forget }) => {
        if (isMeant && found.data === undefined) throw found.error ?? new Error(texts.deletions.loading);
        const one = handler === "moderation" ? { deletes: deletions.length } : {};
        const json = { reason, forget, ...(handler !== null && { handler }), ...one };
        await answer(api.notifications[":id"].replay.$post({ param: { id: notificationId }, json }));
        await queries.invalidateQueries();
      }}
    >
      {handler === "moderation" && deletions.length > 0 && <Deletions deletions={deletions} />}
      {handler === null && deletions.length > 0 && <Text size="sm">{texts.deletions.notIncluded}</Text>}
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
