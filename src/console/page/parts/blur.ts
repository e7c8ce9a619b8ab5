import { useLocalStorage } from "@mantine/hooks";

/** Whether sensitive pictures start blurred; stored in this browser. */
export function useBlur(): [boolean, (on: boolean) => void] {
  const [blur, setBlur] = useLocalStorage({
    key: "blur",
    defaultValue: "off",
    getInitialValueInEffect: false,
  });
  return [blur === "on", (on) => setBlur(on ? "on" : "off")];
}
