import { Alert, Button, Group, Modal, Textarea } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { isJson } from "../../../../lib/shared/json.ts";
import { answer, api } from "../../api.ts";
import { Loaded, Problem } from "../../parts/problem.tsx";
import { paths } from "../../paths.ts";
import { queries } from "../../queries.ts";
import { texts } from "../../texts.ts";
import { recordedUrl } from "./story.ts";

const words = texts.record.edit;

/** The exact body as text, to change and to send to the local stack. */
export function EditDialog({ id, close }: { id: string; close: () => void }) {
  const body = useQuery({
    queryKey: ["body", id, "exact"],
    queryFn: async () => {
      const response = await fetch(recordedUrl(id));
      if (!response.ok) throw new Error(String(response.status));
      return formatted(await response.text());
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Modal
      opened
      onClose={close}
      title={words.title}
      size="xl"
      closeButtonProps={{ "aria-label": texts.cancel }}
    >
      <Loaded query={body} what={words.theBody}>
        {(text) => <Editor text={text} close={close} />}
      </Loaded>
    </Modal>
  );
}

function Editor({ text, close }: { text: string; close: () => void }) {
  const [edited, setEdited] = useState(text);
  const sending = useMutation({
    mutationFn: () => answer(api["send-edited"].$post({ json: { body: edited } })),
    onSuccess: () => queries.invalidateQueries(),
  });
  const sent = sending.data;
  return (
    <>
      <p className="small quiet">{words.lead}</p>
      <Textarea
        label={words.body}
        classNames={{ input: "mono" }}
        minRows={12}
        maxRows={24}
        autosize
        spellCheck={false}
        value={edited}
        onChange={(event) => setEdited(event.currentTarget.value)}
        description={isJson(edited) ? undefined : words.notJson}
        data-autofocus
      />
      {sending.error && <Problem error={sending.error} />}
      {sent && (
        <Alert color="green" mt="md" role="status">
          {sent.timesSeen > 1 ? words.again(sent.timesSeen) : words.sent}{" "}
          <Link to={paths.record(sent.id)} onClick={close}>
            {words.open}
          </Link>
        </Alert>
      )}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          {texts.cancel}
        </Button>
        <Button loading={sending.isPending} disabled={edited === ""} onClick={() => sending.mutate()}>
          {words.go}
        </Button>
      </Group>
    </>
  );
}

/** Indented, unless that would change a number. */
function formatted(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const isExact = JSON.stringify(value) === text;
    return isExact ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}
