import { Combobox, Pill, PillsInput, UnstyledButton, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { parseQuery, type QueryProblem, type Term, writeTerm } from "../../shared/search-query.ts";
import { useKeys } from "../keys.ts";
import { Picture } from "../parts/picture.tsx";
import { texts } from "../texts.ts";
import { splitQuery, useSearchQuery } from "./address.ts";
import { type OptionGroup, type SearchOption, useOptions } from "./options.ts";

const words = texts.searchBox;

/** The search of every page: filters as pills, words as text, and completions with pictures. It leads to the inbox. */
export function SearchBox() {
  const { q, find } = useSearchQuery();
  const [filters, setFilters] = useState<Term[]>([]);
  const [draft, setDraft] = useState("");
  const [problem, setProblem] = useState<QueryProblem | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const [settled] = useDebouncedValue(draft, 150);
  const { groups, word } = useOptions(settled, combobox.dropdownOpened);
  const errorId = useId();

  // The address is the truth: a link, the back button or another view may have changed it.
  useEffect(() => {
    const split = splitQuery(q);
    setFilters(split.filters);
    setDraft(split.words);
    setProblem(null);
  }, [q]);
  useKeys({ "/": () => input.current?.focus() });

  const whole = (text: string, kept: readonly Term[] = filters) =>
    [...kept.map(writeTerm), text.trim()].filter(Boolean).join(" ");

  function submit(text: string, kept: readonly Term[] = filters) {
    const query = whole(text, kept);
    const parsed = parseQuery(query);
    setProblem(parsed.ok ? null : parsed.problem);
    // Also for an error, which the list would cover.
    combobox.closeDropdown();
    if (!parsed.ok) return;
    find(query);
    // The same search again changes no address.
    if (query === q) {
      const split = splitQuery(query);
      setFilters(split.filters);
      setDraft(split.words);
    }
  }

  function change(text: string) {
    setProblem(null);
    combobox.openDropdown();
    combobox.resetSelectedOption();
    // A finished filter becomes a pill.
    const [, before = "", term = ""] = /^(.*?)(-?[a-z]+:(?:"[^"]+"|[^\s"])+)\s$/is.exec(text) ?? [];
    const parsed = term === "" ? null : parseQuery(term);
    const [made] = parsed?.ok ? parsed.terms : [];
    if (made === undefined || made.key === null) {
      setDraft(text);
      return;
    }
    setFilters([...filters, made]);
    setDraft(before);
  }

  function choose(option: SearchOption) {
    if (option.searches) submit(option.becomes);
    else {
      setDraft(option.becomes);
      input.current?.focus();
      combobox.openDropdown();
    }
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key === "Enter" && !event.nativeEvent.isComposing && combobox.getSelectedOptionIndex() === -1) {
      event.preventDefault();
      submit(draft);
    } else if (event.key === "Backspace" && draft === "" && filters.length > 0) {
      event.preventDefault();
      submit("", filters.slice(0, -1));
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (combobox.dropdownOpened) combobox.closeDropdown();
      else if (draft !== "" || filters.length > 0) submit("", []);
      else input.current?.blur();
    }
  }

  const all = groups.flatMap(({ options }) => options);
  return (
    <search className="search-box">
      <Combobox
        store={combobox}
        withinPortal={false}
        onOptionSubmit={(value) => {
          const option = all.at(Number(value));
          if (option === undefined) submit(draft);
          else choose(option);
        }}
      >
        <Combobox.DropdownTarget>
          <PillsInput
            aria-label={words.label}
            onClick={() => combobox.openDropdown()}
            rightSection={
              draft !== "" || filters.length > 0 ? (
                <UnstyledButton
                  className="search-clear"
                  aria-label={words.clear}
                  onClick={() => {
                    submit("", []);
                    input.current?.focus();
                  }}
                >
                  ×
                </UnstyledButton>
              ) : (
                <kbd className="search-key">/</kbd>
              )
            }
          >
            <Pill.Group>
              {filters.map((term, index) => (
                <Pill
                  key={writeTerm(term)}
                  withRemoveButton
                  onRemove={() => submit(draft, filters.toSpliced(index, 1))}
                  removeButtonProps={{
                    "aria-label": words.remove(writeTerm(term)),
                    "aria-hidden": false,
                    tabIndex: 0,
                  }}
                >
                  {writeTerm(term)}
                </Pill>
              ))}
              <Combobox.EventsTarget>
                <PillsInput.Field
                  ref={input}
                  value={draft}
                  placeholder={filters.length === 0 ? words.placeholder : ""}
                  aria-label={words.label}
                  aria-invalid={problem !== null}
                  aria-describedby={problem ? errorId : undefined}
                  autoComplete="off"
                  autoCapitalize="off"
                  spellCheck={false}
                  enterKeyHint="search"
                  onFocus={() => combobox.openDropdown()}
                  onBlur={() => combobox.closeDropdown()}
                  onChange={(event) => change(event.currentTarget.value)}
                  onKeyDown={onKeyDown}
                />
              </Combobox.EventsTarget>
            </Pill.Group>
          </PillsInput>
        </Combobox.DropdownTarget>
        <Combobox.Dropdown>
          <Combobox.Options aria-label={words.label}>
            <Options groups={groups} word={word} />
            {draft.trim() !== "" && (
              <Combobox.Option value={String(all.length)} className="search-everything">
                {words.everything(draft.trim())} <kbd className="search-key">Enter</kbd>
              </Combobox.Option>
            )}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      {problem && (
        <p id={errorId} className="search-problem" role="alert">
          {problem.message}{" "}
          {problem.suggestion !== null && (
            <UnstyledButton className="textual" onClick={() => submit(problem.suggestion ?? "", [])}>
              {words.meant(problem.suggestion)}
            </UnstyledButton>
          )}
        </p>
      )}
    </search>
  );
}

function Options({ groups, word }: { groups: readonly OptionGroup[]; word: string }) {
  let index = 0;
  return groups.map(({ title, kind, options }) => (
    <Combobox.Group key={title} label={title} data-kind={kind}>
      {options.map((option) => {
        const value = String(index);
        index += 1;
        return (
          <Combobox.Option key={`${title} ${option.label} ${option.code ?? ""}`} value={value}>
            <span className="search-option">
              {kind === "picture" && <Picture src={option.small ?? null} alt="" />}
              <bdi className={kind === "filter" ? "search-filter" : "search-name"}>
                <Marked text={option.label} word={word} />
              </bdi>
              {option.code !== undefined && <code className="search-code">{option.code}</code>}
              {option.hint !== undefined && <span className="search-hint quiet small">{option.hint}</span>}
            </span>
          </Combobox.Option>
        );
      })}
    </Combobox.Group>
  ));
}

/** The typed part in bold. */
function Marked({ text, word }: { text: string; word: string }) {
  const at = word === "" ? -1 : text.toLowerCase().indexOf(word.toLowerCase());
  if (at === -1) return text;
  return (
    <>
      {text.slice(0, at)}
      <strong>{text.slice(at, at + word.length)}</strong>
      {text.slice(at + word.length)}
    </>
  );
}
