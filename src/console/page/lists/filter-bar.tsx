import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import { Empty } from "../parts/empty.tsx";
import { texts } from "../texts.ts";
import type { ListAddress } from "./address.ts";
import { ExportMenu } from "./export-menu.tsx";

const words = texts.lists;

export interface FilterField {
  /** In the address. */
  name: string;
  label: string;
  /** What the field can be, each with its words; absent for any text. */
  options?: readonly (readonly [value: string, said: string])[];
}

interface FilterBarProps {
  /** Its name at /api/exports. */
  list: string;
  address: ListAddress;
  fields: readonly FilterField[];
}

/** The filters of a list, and its export with the same filters. */
export function FilterBar({ list, address, fields }: FilterBarProps) {
  return (
    <search className="filter-bar" aria-label={words.filters}>
      {fields.map((field) => {
        const props = {
          field,
          value: address.value(field.name),
          set: (value: string) => address.set(field.name, value),
        };
        return field.options ? (
          <Choice key={field.name} {...props} options={field.options} />
        ) : (
          <Words key={field.name} {...props} />
        );
      })}
      {fields.some(({ name }) => address.value(name) !== "") && (
        <Button variant="subtle" size="sm" onClick={address.clear}>
          {words.clear}
        </Button>
      )}
      <ExportMenu list={list} filters={address.filters} />
    </search>
  );
}

interface FieldProps {
  field: FilterField;
  value: string;
  set: (value: string) => void;
}

function Choice({
  field,
  value,
  set,
  options,
}: FieldProps & { options: NonNullable<FilterField["options"]> }) {
  const known = options.some(([one]) => one === value) || value === "";
  return (
    <NativeSelect
      aria-label={field.label}
      data-set={value !== "" || undefined}
      value={value}
      data={[
        { value: "", label: words.any(field.label) },
        ...options.map(([one, label]) => ({ value: one, label })),
        ...(known ? [] : [{ value, label: value }]),
      ]}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}

function Words({ field, value, set }: FieldProps) {
  const [typed, setTyped] = useState(value);
  const [sent, setSent] = useState(value);
  const [seen, setSeen] = useState(value);
  const search = useDebouncedCallback((text: string) => {
    setSent(text);
    set(text);
  }, 300);
  if (value !== seen) {
    setSeen(value);
    // The address changed by other means, such as the back button.
    if (value !== sent) setTyped(value);
    setSent(value);
  }
  return (
    <TextInput
      type="search"
      className="filter-words"
      aria-label={field.label}
      placeholder={field.label}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        search(event.currentTarget.value.trim());
      }}
    />
  );
}

/** No row has what the filters ask for: says what they are, and removes them. */
export function NothingFound({ address, fields }: Pick<FilterBarProps, "address" | "fields">) {
  const said = fields.flatMap(({ name, label, options }) => {
    const value = address.value(name);
    return value !== "" ? [`${label}: ${options?.find(([one]) => one === value)?.[1] ?? value}`] : [];
  });
  return (
    <Empty title={words.nothing}>
      <p>
        <bdi>{said.join(" · ")}</bdi>
      </p>
      <Button variant="default" onClick={address.clear}>
        {words.clear}
      </Button>
    </Empty>
  );
}

/** How long ago, as in the search. */
export const sinceField: FilterField = {
  name: "since",
  label: words.since,
  options: Object.entries(texts.searchBox.since),
};
