import { Button, type ButtonProps } from "@mantine/core";
import type { ComponentPropsWithoutRef } from "react";
import { useMayAct } from "../session.ts";

/** A button for an operator action; not rendered for viewers. */
export function ActButton(props: ButtonProps & ComponentPropsWithoutRef<"button">) {
  return useMayAct() ? <Button {...props} /> : null;
}
