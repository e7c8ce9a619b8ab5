import { type ComponentType, lazy, useState } from "react";
import { ScriptProblem } from "./script-boundary.tsx";

const waiting: (() => Promise<unknown>)[] = [];
let hasTime = false;

/** Loads the scripts that nobody asked for yet, also of what is going to be made, so that none is waited for. */
export function loadEverything(): void {
  hasTime = true;
  for (const load of waiting.splice(0)) load().catch(() => null);
}

/**
 * A component whose script is loaded when it is first drawn, or before by `load`. Once it is there it is drawn without waiting: React
 * holds back for 0.3 s what it had to wait for.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  if (hasTime) load().catch(() => null);
  else waiting.push(load);
  let loaded: ComponentType<P> | null = null;
  const Lazy = lazy(async () => {
    loaded = await load().catch((error: unknown) => {
      throw new ScriptProblem("the script of a view cannot be loaded", { cause: error });
    });
    return { default: loaded };
  });
  return function Later(props: P) {
    // The same for as long as it is shown: another component would lose the state.
    const [Shown] = useState<ComponentType<P>>(() => loaded ?? Lazy);
    return <Shown {...props} />;
  };
}
