import { Button, Modal, TextInput, UnstyledButton } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { type SubmitEvent, useState } from "react";
import { Icon } from "../../parts/icon.tsx";
import { texts } from "../../texts.ts";

const words = texts.inbox;

export interface SavedView {
  name: string;
  /** The query of its address. */
  query: string;
}

/** The views that were named in this browser. */
export function useSavedViews() {
  const [views, setViews] = useLocalStorage<SavedView[]>({ key: "views", defaultValue: [] });
  return {
    views,
    save: (view: SavedView) =>
      setViews((before) => [...before.filter(({ name }) => name !== view.name), view]),
    remove: (name: string) => setViews((before) => before.filter((view) => view.name !== name)),
  };
}

/** Names the search that is shown, or removes its name again. */
export function SaveView({ query, saved }: { query: string; saved: ReturnType<typeof useSavedViews> }) {
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState("");
  const known = saved.views.find((view) => view.query === query);
  if (query === "") return null;
  if (known)
    return (
      <UnstyledButton
        className="view-tab"
        aria-label={words.remove(known.name)}
        onClick={() => saved.remove(known.name)}
      >
        <Icon name="close" />
      </UnstyledButton>
    );
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (name.trim() === "") return;
    saved.save({ name: name.trim(), query });
    setOpen(false);
    setName("");
  };
  return (
    <>
      <UnstyledButton className="view-tab" onClick={() => setOpen(true)}>
        <Icon name="star" /> {words.save}
      </UnstyledButton>
      {isOpen && (
        <Modal
          opened
          onClose={() => setOpen(false)}
          title={words.save}
          closeButtonProps={{ "aria-label": texts.cancel }}
        >
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
      )}
    </>
  );
}
