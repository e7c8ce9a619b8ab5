import { ActionIcon } from "@mantine/core";
import { texts } from "../texts.ts";

export interface Told {
  text: string;
  /** Something went wrong. */
  failed?: boolean;
}

/** The result of the last action, announced to screen readers, until the next one or until closed. */
export function Toast({ told, close }: { told: Told | null; close: () => void }) {
  return (
    <div className="toast-place" role="status">
      {told && (
        <div className={told.failed ? "toast failed" : "toast"}>
          <span>{told.text}</span>
          <ActionIcon variant="transparent" className="toast-close" onClick={close} aria-label={texts.close}>
            <span aria-hidden="true">✕</span>
          </ActionIcon>
        </div>
      )}
    </div>
  );
}
