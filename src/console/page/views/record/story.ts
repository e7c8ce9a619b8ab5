import { useQuery } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { answer, api } from "../../api.ts";
import { liveMs } from "../../queries.ts";

const notificationRoute = api.notifications[":id"];

export type Story = InferResponseType<typeof notificationRoute.story.$get, 200>;
export type Delivery = Story["record"]["deliveries"][number];
export type Attempt = Delivery["attempts"][number];
export type ShownBody = InferResponseType<typeof notificationRoute.body.$get, 200>;

/** Refreshes more often while a delivery is open. */
export function useStory(id: string) {
  return useQuery({
    queryKey: ["story", id],
    queryFn: () => answer(notificationRoute.story.$get({ param: { id } })),
    refetchInterval: ({ state }) => {
      const open = state.data?.record.deliveries.some((delivery) =>
        ["due", "running"].includes(delivery.state),
      );
      return open ? liveMs : false;
    },
  });
}

/** A recorded body never changes. */
export function useBody(id: string) {
  return useQuery({
    queryKey: ["body", id],
    queryFn: () => answer(notificationRoute.body.$get({ param: { id } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function recordedUrl(id: string): string {
  return `/api/notifications/${id}/body/recorded`;
}

/** The last decision that a notification contains. */
export const decisionOf = ({ shown }: Story): string | null => shown.decisions.at(-1)?.status ?? null;

/** For the words of a delivery that failed: what it was about to do. */
export const failedOf = ({ state }: Delivery, decision: string | null) =>
  state === "dead" && decision !== null ? { decision } : undefined;
