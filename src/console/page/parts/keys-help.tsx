import { Kbd, Modal } from "@mantine/core";
import { useState } from "react";
import { useKeys } from "../keys.ts";
import { texts } from "../texts.ts";

/** All single keys, behind the key "?". */
export function KeysHelp() {
  const [isOpen, setOpen] = useState(false);
  useKeys({ "?": () => setOpen(true) });
  if (!isOpen) return null;
  return (
    <Modal
      opened
      onClose={() => setOpen(false)}
      title={texts.allKeys}
      closeButtonProps={{ "aria-label": texts.close }}
    >
      {texts.keyGroups.map(({ title, keys }) => (
        <section key={title} className="keys-group">
          <h3 className="caption quiet">{title}</h3>
          <dl>
            {keys.map(([key, does]) => (
              <div key={does}>
                <dt>
                  {key.split(" ").map((one) => (
                    <Kbd key={one} size="xs">
                      {one}
                    </Kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
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
