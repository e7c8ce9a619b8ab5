import type { Seeded } from "../seeded.ts";
import type { SendOptions } from "./sender.ts";

/** What no handler acts on: unknown types, broken JSON, old bodies without an instant, forged signatures, a name of JavaScript's. */
export function oddNotification(token: string, random: Seeded): Omit<SendOptions, "token"> {
  const type = random.pick(["unknown", "unreadable", "old", "forged", "key"] as const);
  switch (type) {
    case "unknown":
      return {
        type,
        namesInstant: true,
        body: JSON.stringify({ notification_type: token, request_id: token }),
      };
    case "unreadable":
      return { type, namesInstant: true, body: Buffer.from(`{"${token}": \xff`, "latin1") };
    case "old": {
      const asset = { asset_id: random.hex(32), public_id: `pond/${token}`, version: 1_644_952_831 };
      const resources = [{ ...asset, resource_type: "image", type: "upload" }];
      return { type, namesInstant: false, body: JSON.stringify({ notification_type: "delete", resources }) };
    }
    case "forged":
      return {
        type,
        namesInstant: true,
        isForged: true,
        body: JSON.stringify({ notification_type: "upload", public_id: token }),
      };
    case "key":
      return {
        type,
        namesInstant: true,
        body: JSON.stringify({ notification_type: "constructor", request_id: token }),
      };
    default:
      return type satisfies never;
  }
}
