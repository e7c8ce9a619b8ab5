import { own } from "../../../lib/shared/own.ts";
import { ApiProblem, answer, api } from "../api.ts";
import { Picture } from "../parts/picture.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { queries } from "../queries.ts";
import { texts } from "../texts.ts";
import type { Card } from "./board.tsx";

const words = texts.board;

export type BoardAct = "approved" | "rejected" | "release" | "discard";

interface BoardDialogProps {
  card: Card;
  act: BoardAct;
  close: () => void;
  /** Called when it was done. */
  done: () => void;
}

/** Asks before anything is told to Cloudinary or let go on. */
export function BoardDialog({ card, act, close, done }: BoardDialogProps) {
  const name = card.publicId ?? card.assetId;
  const says = wordsOf(act, name);
  return (
    <ReasonDialog
      {...says}
      optional={act === "approved" || act === "rejected"}
      color={act === "approved" ? "green" : act === "release" ? "blue" : "red"}
      close={close}
      act={async ({ reason }) => {
        if (act === "approved" || act === "rejected") await decide(card, act, reason);
        else await letGo(card, act, reason);
        done();
        await queries.invalidateQueries();
      }}
    >
      <Picture src={card.thumbnail} alt={name} size="large" />
    </ReasonDialog>
  );
}

async function decide({ assetId, version }: Card, status: "approved" | "rejected", reason: string) {
  const json = { assetId, version, status, ...(reason !== "" && { reason }) };
  try {
    await answer(api.moderation.decide.$post({ json }));
  } catch (error) {
    const said = error instanceof ApiProblem ? own(words.problems, error.reason) : undefined;
    throw said === undefined || !(error instanceof ApiProblem)
      ? error
      : new ApiProblem(error.status, error.reason, said);
  }
}

async function letGo({ deliveryId }: Card, act: "release" | "discard", reason: string) {
  if (deliveryId === null) return;
  const request = { param: { id: deliveryId }, json: { reason } };
  const one = api.deliveries[":id"];
  if (act === "release") await answer(one.replay.$post(request));
  else await answer(one.discard.$post(request));
}

function wordsOf(act: BoardAct, name: string): { title: string; lead: string; go: string } {
  switch (act) {
    case "approved":
      return { title: words.approveTitle(name), lead: words.approveLead, go: words.approve };
    case "rejected":
      return { title: words.rejectTitle(name), lead: words.rejectLead, go: words.reject };
    case "release":
      return { title: texts.stuck.releaseTitle(1), lead: texts.stuck.releaseLead, go: words.release };
    case "discard":
      return { title: texts.stuck.discardTitle(1), lead: texts.stuck.discardLead, go: texts.stuck.discard };
    default:
      return act satisfies never;
  }
}
