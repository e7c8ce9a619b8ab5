import { Mismatch } from "./check.ts";
import type { Arrived } from "./receiver.ts";

type Delivery = Arrived["deliveries"][number];

/** Returns the delivery of a notification to a handler; throws unless it ended in the given state. */
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
