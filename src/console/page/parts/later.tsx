import { type ComponentType, lazy, useState } from "react";

/**
 * A component whose script is loaded when it is first drawn, or before by `load`. Once it is there it is drawn without waiting: React
 * holds back for 0.3 s what it had to wait for.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  const Lazy = lazy(async () => {
    loaded = await load();
    return { default: loaded };
  });
  return function Later(props: P) {
    // The same for as long as it is shown: another component would lose the state.
    const [Shown] = useState<ComponentType<P>>(() => loaded ?? Lazy);
    return <Shown {...props} />;
  };
}
