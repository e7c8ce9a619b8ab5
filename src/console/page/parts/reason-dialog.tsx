import { Button, Checkbox, Group, Modal, Stack, Text, Textarea, UnstyledButton } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { recentReasons, rememberReason } from "../reasons.ts";
import { useMayAct } from "../session.ts";
import { texts } from "../texts.ts";
import { Problem } from "./problem.tsx";

export interface Reasoned {
  reason: string;
  forget: boolean;
}

interface ReasonDialogProps {
  title: string;
  lead: string;
  go: string;
  color?: string;
  /** The reason is optional. */
  optional?: boolean;
  /** Asks whether to start over. */
  withForget?: boolean;
  act: (reasoned: Reasoned) => Promise<unknown>;
  close: () => void;
  /** false: stays open when done; the caller replaces it. */
  closes?: boolean;
  /** The reason of the previous action, to reuse. */
  initial?: string;
  children?: ReactNode;
}

/** Asks for the reason of an operator action, then performs it. */
export function ReasonDialog({
  title,
  lead,
  go,
  color,
  optional,
  withForget,
  act,
  close,
  closes = true,
  initial = "",
  children,
}: ReasonDialogProps) {
  const mayAct = useMayAct();
  const [reason, setReason] = useState(initial);
  const [forget, setForget] = useState(false);
  const [recent] = useState(recentReasons);
  const acting = useMutation({ mutationFn: act, ...(closes && { onSuccess: close }) });
  const ready = reason.trim().length >= 3 || (optional === true && reason.trim() === "");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!ready) return;
    rememberReason(reason.trim());
    acting.mutate({ reason: reason.trim(), forget });
  };
  // Opened by a key: viewers see no button.
  if (!mayAct)
    return (
      <Modal opened onClose={close} title={title} closeButtonProps={{ "aria-label": texts.cancel }}>
        <Text size="sm">{texts.problems["viewers-only-read"]}</Text>
      </Modal>
    );
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ "aria-label": texts.cancel }}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{lead}</Text>
          {children}
          <Textarea
            data-autofocus
            label={optional ? texts.board.optional : texts.reasons}
            description={texts.reasonHint}
            required={!optional}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {recent.length > 0 && (
            <ul className="reason-pills" aria-label={texts.stuck.recent}>
              {recent.map((text) => (
                <li key={text}>
                  <UnstyledButton className="reason-pill" onClick={() => setReason(text)}>
                    {text}
                  </UnstyledButton>
                </li>
              ))}
            </ul>
          )}
          {withForget && (
            <Checkbox
              label={texts.replay.forget}
              description={texts.replay.forgetHint}
              checked={forget}
              onChange={(event) => setForget(event.currentTarget.checked)}
            />
          )}
          {acting.error && <Problem error={acting.error} ofAct />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {texts.cancel}
            </Button>
            <Button
              type="submit"
              className="wrapping"
              color={color ?? "blue"}
              disabled={!ready}
              loading={acting.isPending}
            >
              {go}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
