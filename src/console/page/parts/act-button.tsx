import { Button, type ButtonProps } from "@mantine/core";
import type { ComponentPropsWithoutRef } from "react";
import { useMayAct } from "../session.ts";

/** A button for what only an operator may do; not there for a viewer. */
export function ActButton(props: ButtonProps & ComponentPropsWithoutRef<"button">) {
  return useMayAct() ? <Button {...props} /> : null;
}
