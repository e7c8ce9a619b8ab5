import { createContext, useContext } from "react";
import type { OperatorRole } from "../../lib/shared/operators.ts";

/** Of who is signed in. The API decides what they may do; the page only leaves out what it would refuse. */
export const RoleContext = createContext<OperatorRole>("viewer");

/** Whether the page offers acts: a viewer only reads. */
export const useMayAct = (): boolean => useContext(RoleContext) === "operator";
