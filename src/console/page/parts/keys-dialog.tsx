import { Kbd, Modal } from "@mantine/core";
import { texts } from "../texts.ts";

/** All single keys. */
export function KeysDialog({ close }: { close: () => void }) {
  return (
    <Modal opened onClose={close} title={texts.allKeys} closeButtonProps={{ "aria-label": texts.close }}>
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
