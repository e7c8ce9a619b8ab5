import { Checkbox, SegmentedControl } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { texts } from "../../texts.ts";

const words = texts.board;
export const sizes = ["S", "M", "L"] as const;
export type Size = (typeof sizes)[number];

/** How large the tiles are, and whether sensitive pictures start blurred; stored in this browser. */
export function useLooks() {
  const [size, setSize] = useLocalStorage({
    key: "tiles",
    defaultValue: "M",
    getInitialValueInEffect: false,
  });
  const [blur, setBlur] = useLocalStorage({
    key: "blur",
    defaultValue: "off",
    getInitialValueInEffect: false,
  });
  return {
    size: sizes.find((one) => one === size) ?? "M",
    setSize,
    isBlurred: blur === "on",
    setBlurred: (on: boolean) => setBlur(on ? "on" : "off"),
  };
}

export function LooksControls({ looks }: { looks: ReturnType<typeof useLooks> }) {
  return (
    <>
      <Checkbox
        label={words.blur}
        checked={looks.isBlurred}
        onChange={(event) => looks.setBlurred(event.currentTarget.checked)}
      />
      <SegmentedControl
        className="wide-only"
        size="xs"
        aria-label={words.size}
        value={looks.size}
        onChange={looks.setSize}
        data={sizes.map((size) => ({
          value: size,
          label: <abbr title={words.sizes[size]}>{size}</abbr>,
        }))}
      />
    </>
  );
}
