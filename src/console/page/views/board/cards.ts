import type { InferResponseType } from "hono/client";
import { answer, api } from "../../api.ts";

export const shows = ["pending", "held", "decided"] as const;
export type Show = (typeof shows)[number];
export const orders = ["oldest", "newest"] as const;
export type Order = (typeof orders)[number];

export type CardPage = InferResponseType<typeof api.moderation.$get, 200>;
export type Card = CardPage["cards"][number];

export interface Listed {
  show: Show;
  folder: string;
  /** Empty: any. */
  kind: string;
  /** Of this product environment; absent: any. */
  cloud?: string;
  order: Order;
  limit: number;
}

export const readCards = ({ show, folder, kind, cloud, order, limit }: Listed): Promise<CardPage> =>
  answer(
    api.moderation.$get({
      query: {
        show,
        order,
        limit: String(limit),
        ...(folder !== "" && { folder }),
        ...(kind !== "" && { kind }),
        ...(cloud !== undefined && { cloud }),
      },
    }),
  );

/** One asset's version by one kind of moderation, or one held delivery. */
export const keyOf = ({ assetId, version, kind, deliveryId }: Card): string =>
  deliveryId ?? `${assetId} ${version} ${kind}`;

/** What an automatic moderation flagged, or what was rejected: a viewer may want to see it blurred at first. */
export const isSensitive = ({ kind, status }: Card): boolean => kind !== "manual" || status === "rejected";
