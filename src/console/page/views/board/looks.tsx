import { Checkbox, SegmentedControl } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useBlur } from "../../parts/blur.ts";
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
  const [isBlurred, setBlurred] = useBlur();
  return {
    size: sizes.find((one) => one === size) ?? "M",
    setSize,
    isBlurred,
    setBlurred,
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
