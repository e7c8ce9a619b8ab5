import { Kbd } from "@mantine/core";
import { Suspense, useState } from "react";
import { useKeys } from "../keys.ts";
import { later } from "./later.tsx";

const KeysDialog = later(async () => (await import("./keys-dialog.tsx")).KeysDialog);

/** All single keys, behind the key "?". */
export function KeysHelp() {
  const [isOpen, setOpen] = useState(false);
  useKeys({ "?": () => setOpen(true) });
  if (!isOpen) return null;
  return (
    <Suspense fallback={null}>
      <KeysDialog close={() => setOpen(false)} />
    </Suspense>
  );
}

/** The keys of a view, at its end. */
export function KeyHints({ keys }: { keys: readonly (readonly [string, string])[] }) {
  return (
    <p className="key-hints wide-only" aria-hidden="true">
      {keys.map(([key, does]) => (
        <span key={does}>
          {key.split(" ").map((one) => (
            <Kbd key={one} size="xs">
              {one}
            </Kbd>
          ))}{" "}
          {does}
        </span>
      ))}
    </p>
  );
}
