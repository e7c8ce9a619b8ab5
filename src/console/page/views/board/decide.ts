import { own } from "../../../../lib/shared/own.ts";
import { ApiProblem, answer, api } from "../../api.ts";
import { texts } from "../../texts.ts";
import type { Chosen } from "./acts.ts";
import type { Card } from "./cards.ts";

/** A shorter one says nothing, and the API refuses it. */
export const minReason = 3;

const given = (reason: string) => (reason.length < minReason ? {} : { reason });

/** Performs one action. Throws `ApiProblem` with a message for the moderator. */
export async function carryOut({ card, act }: Chosen, reason: string): Promise<void> {
  const { assetId, version, deliveryId } = card;
  try {
    if (act.verb === "approve" || act.verb === "reject") {
      const status = act.verb === "approve" ? "approved" : "rejected";
      await answer(api.moderation.decide.$post({ json: { assetId, version, status, ...given(reason) } }));
    } else if (deliveryId !== null) {
      const param = { id: deliveryId };
      const delivery = api.deliveries[":id"];
      const deletes = act.effect === "delete" ? 1 : 0;
      if (act.verb === "release") await answer(delivery.replay.$post({ param, json: { reason, deletes } }));
      else await answer(delivery.discard.$post({ param, json: { reason } }));
    }
  } catch (error) {
    throw inWords(error);
  }
}

/** Undoes a decision; the picture waits for one again. */
export async function takeBack({ assetId, version }: Card, reason: string): Promise<void> {
  try {
    await answer(api.moderation["take-back"].$post({ json: { assetId, version, ...given(reason) } }));
  } catch (error) {
    throw inWords(error);
  }
}

function inWords(error: unknown): unknown {
  const words = error instanceof ApiProblem ? own(texts.board.problems, error.reason) : undefined;
  return error instanceof ApiProblem && words ? new ApiProblem(error.status, error.reason, words) : error;
}
