import { z } from "zod";

/** What goes wrong on the way of a notification: it is lost, late, sent several times, or signed with another secret. */
export const notificationFaultSchema = z.object({
  kind: z.enum(["drop", "delay", "duplicate", "tamper"]),
  /** Only notifications of this type; of every type when missing. */
  type: z.string().optional(),
  delayMs: z.number().int().min(0).default(1_000),
  /** How many notifications it hits; then it is gone. */
  times: z.number().int().min(1).default(1),
});
export type NotificationFault = z.infer<typeof notificationFaultSchema>;

/** The faults that wait for notifications; the first that fits is used up first. */
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

  /** How the next notification of this type is to be sent. */
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
