import { own } from "../../../../lib/shared/own.ts";
import { ApiProblem, answer, api } from "../../api.ts";
import { texts } from "../../texts.ts";
import type { Chosen } from "./acts.ts";

/** Performs one action. Throws `ApiProblem` with a message for the moderator. */
export async function carryOut({ card, act }: Chosen, reason: string): Promise<void> {
  const { assetId, version, deliveryId } = card;
  try {
    if (act.verb === "approve" || act.verb === "reject") {
      const status = act.verb === "approve" ? "approved" : "rejected";
      await answer(
        api.moderation.decide.$post({ json: { assetId, version, status, ...(reason !== "" && { reason }) } }),
      );
    } else if (deliveryId !== null) {
      const request = { param: { id: deliveryId }, json: { reason } };
      const one = api.deliveries[":id"];
      if (act.verb === "release") await answer(one.replay.$post(request));
      else await answer(one.discard.$post(request));
    }
  } catch (error) {
    throw inWords(error);
  }
}

function inWords(error: unknown): unknown {
  const words = error instanceof ApiProblem ? own(texts.board.problems, error.reason) : undefined;
  return error instanceof ApiProblem && words ? new ApiProblem(error.status, error.reason, words) : error;
}
