import { Mismatch } from "./check.ts";
import type { Arrived } from "./receiver.ts";

type Delivery = Arrived["deliveries"][number];

/** The delivery of a record to a handler, which must have ended so. */
export function delivered(record: Arrived, handler: string, state: Delivery["state"]): Delivery {
  const delivery = record.deliveries.find((one) => one.handler === handler);
  if (delivery?.state === state) return delivery;
  throw new Mismatch(`${handler} of the ${record.type}`, {
    expected: state,
    seen: delivery
      ? [delivery.state, delivery.lastError, delivery.result]
      : "no delivery to it (routes in src/settings.ts)",
  });
}
