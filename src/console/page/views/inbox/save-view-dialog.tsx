import { Button, Modal, TextInput } from "@mantine/core";
import { type SubmitEvent, useState } from "react";
import { texts } from "../../texts.ts";

const words = texts.inbox;

/** Asks for the name of a view. */
export function SaveViewDialog({ save, close }: { save: (name: string) => void; close: () => void }) {
  const [name, setName] = useState("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (name.trim() === "") return;
    save(name.trim());
    close();
  };
  return (
    <Modal opened onClose={close} title={words.save} closeButtonProps={{ "aria-label": texts.cancel }}>
      <form onSubmit={submit}>
        <TextInput
          data-autofocus
          label={words.saveName}
          description={words.saved}
          maxLength={40}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" mt="md" disabled={name.trim() === ""}>
          {words.save}
        </Button>
      </form>
    </Modal>
  );
}
