import { UnstyledButton } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { Suspense, useState } from "react";
import { Icon } from "../../parts/icon.tsx";
import { later } from "../../parts/later.tsx";
import { texts } from "../../texts.ts";

const words = texts.inbox;
const SaveViewDialog = later(async () => (await import("./save-view-dialog.tsx")).SaveViewDialog);

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
  return (
    <>
      <UnstyledButton className="view-tab" onClick={() => setOpen(true)}>
        <Icon name="star" /> {words.save}
      </UnstyledButton>
      {isOpen && (
        <Suspense fallback={null}>
          <SaveViewDialog save={(name) => saved.save({ name, query })} close={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
