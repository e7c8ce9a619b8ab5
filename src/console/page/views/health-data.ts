import type { InferResponseType } from "hono/client";
import { api } from "../api.ts";

type Answer = InferResponseType<typeof api.health.$get>;
/** The response for operators; the public response contains no problem. */
export type Health = Extract<Answer, { secrets: unknown }>;

/** 503 is an answer too: it says what is wrong. */
export async function readHealth() {
  const response = await api.health.$get();
  return {
    ok: response.ok || response.status === 503,
    status: response.status,
    async json(): Promise<Health> {
      const data = await response.json();
      if ("secrets" in data) return data;
      throw new Error("the answer is the public one: nobody is signed in");
    },
  };
}
