import { z } from "zod";

/** A simulated delivery fault: a notification is lost, delayed, sent several times, or signed with a wrong secret. */
export const notificationFaultSchema = z.object({
  kind: z.enum(["drop", "delay", "duplicate", "tamper"]),
  /** The notification type; all types if missing. */
  type: z.string().optional(),
  delayMs: z.number().int().min(0).default(1_000),
  /** How many notifications it affects before it is removed. */
  times: z.number().int().min(1).default(1),
});
export type NotificationFault = z.infer<typeof notificationFaultSchema>;

/** The active faults. The first that matches is used until its count is spent. */
export class NotificationFaults {
  #waiting: NotificationFault[] = [];

  add(fault: z.input<typeof notificationFaultSchema>): void {
    this.#waiting.push(notificationFaultSchema.parse(fault));
  }

  clear(): void {
    this.#waiting = [];
  }

  list(): readonly NotificationFault[] {
    return this.#waiting;
  }

  /** Returns how the next notification of this type is to be sent. */
  take(type: string): { copies: number; delayMs: number; tampered: boolean } {
    const fault = this.#waiting.find((waiting) => waiting.type === undefined || waiting.type === type);
    if (fault === undefined) return { copies: 1, delayMs: 0, tampered: false };
    fault.times -= 1;
    if (fault.times === 0) this.#waiting = this.#waiting.filter((waiting) => waiting !== fault);
    return {
      copies: fault.kind === "drop" ? 0 : fault.kind === "duplicate" ? 2 : 1,
      delayMs: fault.kind === "delay" ? fault.delayMs : 0,
      tampered: fault.kind === "tamper",
    };
  }
}
