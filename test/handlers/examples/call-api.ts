import { defineHandler } from "../../../src/lib/deliveries/define-handler.ts";
import { failedResponse } from "../../../src/lib/outgoing/failed-response.ts";

/** Creates a record in another system for each upload. */
export const callApiHandler = defineHandler({
  name: "call-api",
  environment: {
    CALL_API_URL: { about: "Where records are created.", secret: false },
    CALL_API_TOKEN: { about: "The token of the API." },
  },
  async handle({ content }, { environment, deliveryId, signal }) {
    if (content.type !== "upload") return { kind: "skip", reason: "not-an-upload" };
    const [asset] = content.assets;
    const response = await fetch(environment.CALL_API_URL, {
      method: "POST",
      headers: {
        authorization: `Bearer ${environment.CALL_API_TOKEN}`,
        "content-type": "application/json",
        // The same in every attempt, so that the API creates one record.
        "idempotency-key": deliveryId,
      },
      body: JSON.stringify({ name: asset?.public_id, url: asset?.secure_url, tags: asset?.tags ?? [] }),
      signal,
    });
    if (!response.ok) return failedResponse(response, "the API");
    return { kind: "done", result: { status: response.status } };
  },
});
