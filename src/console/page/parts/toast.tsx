import { ActionIcon, Button } from "@mantine/core";
import { useKeys } from "../keys.ts";
import { texts } from "../texts.ts";

export interface Told {
  text: string;
  /** Something went wrong. */
  failed?: boolean;
  takeBack?: () => void;
}

/** The result of the last action, announced to screen readers, until the next one or until closed. */
export function Toast({ told, close }: { told: Told | null; close: () => void }) {
  const takeBack = told?.takeBack;
  useKeys(takeBack ? { z: takeBack } : {});
  return (
    <div className="toast-place" role="status">
      {told && (
        <div className={told.failed ? "toast failed" : "toast"}>
          <span>{told.text}</span>
          {takeBack && (
            <Button size="compact-sm" variant="default" aria-keyshortcuts="Z" onClick={takeBack}>
              {texts.board.takeBack}
            </Button>
          )}
          <ActionIcon variant="transparent" className="toast-close" onClick={close} aria-label={texts.close}>
            <span aria-hidden="true">✕</span>
          </ActionIcon>
        </div>
      )}
    </div>
  );
}
