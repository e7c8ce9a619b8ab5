import { useLocalStorage } from "@mantine/hooks";
import { useEffect, useRef } from "react";

/** What each key does, by `KeyboardEvent.key` in lower case, with `shift+` before it where Shift is held. */
export type Keys = Readonly<Record<string, () => void>>;

/** Whether single-key shortcuts are on; stored in this browser. */
export function useKeysOn(): [boolean, (on: boolean) => void] {
  const [on, set] = useLocalStorage({ key: "keys", defaultValue: "on", getInitialValueInEffect: false });
  return [on !== "off", (wanted) => set(wanted ? "on" : "off")];
}

/** Listens for single keys, unless they are turned off, somebody types, or a dialog is open. */
export function useKeys(keys: Keys): void {
  const [on] = useKeysOn();
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    if (!on) return;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || document.querySelector("[role=dialog]") !== null) return;
      const name = `${event.shiftKey && event.key.length > 1 ? "shift+" : ""}${event.key.toLowerCase()}`;
      if (!Object.hasOwn(current.current, name) || ownsKey(event.target, event.key)) return;
      event.preventDefault();
      current.current[name]?.();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [on]);
}

const typed = "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(typed) !== null;
}

/** Space and Enter press what has the focus, and arrows walk through tabs, options and a video's time. */
function ownsKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element) || target.closest("[data-keys]") !== null) return false;
  if (key === " " || key === "Enter") return target.closest("a, button, input, summary, video") !== null;
  return key.startsWith("Arrow") && target.closest("[role=tab], input, video") !== null;
}
