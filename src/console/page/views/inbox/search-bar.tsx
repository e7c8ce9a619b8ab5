import { Autocomplete, Button, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { type RefObject, useEffect, useState } from "react";
import { notificationTypes } from "../../../../lib/notifications/types.ts";
import { texts } from "../../texts.ts";
import { fromField, type Search, type SearchField, toField } from "./search.ts";

interface SearchBarProps {
  search: Search;
  handlers: readonly string[];
  set: (changed: Partial<Record<SearchField, string>>) => void;
  clear: () => void;
  /** The field that `/` focuses. */
  first: RefObject<HTMLInputElement | null>;
}

const words = texts.inbox;
const any = { value: "", label: texts.any };
const rare = ["assetId", "requestId", "handler", "since", "until"] as const;

export function SearchBar({ search, handlers, set, clear, first }: SearchBarProps) {
  const [open, setOpen] = useState(rare.some((field) => search[field] !== undefined));
  return (
    <search className="search-bar">
      <TypedField
        ref={first}
        label={words.publicId}
        value={search.publicId}
        change={(publicId) => set({ publicId })}
      />
      <Autocomplete
        label={words.type}
        data={[...notificationTypes]}
        value={search.type ?? ""}
        onChange={(type) => set({ type })}
        limit={40}
      />
      <NativeSelect
        label={words.state}
        value={search.state ?? ""}
        onChange={(event) => set({ state: event.currentTarget.value })}
        data={[
          any,
          ...Object.entries(texts.states).flatMap(([value, label]) =>
            value === "none" ? [] : [{ value, label }],
          ),
        ]}
      />
      {open && <RareFields search={search} handlers={handlers} set={set} />}
      <div className="search-buttons">
        <Button variant="subtle" size="compact-sm" onClick={() => setOpen(!open)} aria-expanded={open}>
          {open ? words.fewerFilters : words.moreFilters}
        </Button>
        {Object.keys(search).length > 0 && (
          <Button variant="subtle" size="compact-sm" onClick={clear}>
            {words.clear}
          </Button>
        )}
      </div>
    </search>
  );
}

function RareFields({ search, handlers, set }: Pick<SearchBarProps, "search" | "handlers" | "set">) {
  return (
    <>
      <TypedField label={words.assetId} value={search.assetId} change={(assetId) => set({ assetId })} />
      <TypedField
        label={words.requestId}
        value={search.requestId}
        change={(requestId) => set({ requestId })}
      />
      <NativeSelect
        label={words.handler}
        value={search.handler ?? ""}
        onChange={(event) => set({ handler: event.currentTarget.value })}
        data={[any, ...handlers]}
      />
      <TextInput
        type="datetime-local"
        label={words.since}
        value={toField(search.since)}
        onChange={(event) => set({ since: fromField(event.currentTarget.value) })}
      />
      <TextInput
        type="datetime-local"
        label={words.until}
        value={toField(search.until)}
        onChange={(event) => set({ until: fromField(event.currentTarget.value) })}
      />
    </>
  );
}

interface TypedFieldProps {
  label: string;
  value: string | undefined;
  change: (value: string) => void;
  ref?: RefObject<HTMLInputElement | null>;
}

/** A text field that searches once typing pauses. */
function TypedField({ label, value = "", change, ref }: TypedFieldProps) {
  const [typed, setTyped] = useState(value);
  const search = useDebouncedCallback(change, 300);
  useEffect(() => setTyped(value), [value]);
  return (
    <TextInput
      {...(ref && { ref })}
      label={label}
      value={typed}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        search(text.trim());
      }}
    />
  );
}
