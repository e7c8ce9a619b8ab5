import { createContext, useContext } from "react";
import type { OperatorRole } from "../../lib/shared/operators.ts";

/** The role of the signed-in user. The API enforces permissions; the page only hides what it would reject. */
export const RoleContext = createContext<OperatorRole>("viewer");

/** Whether the API is that of a local stack (`npm start`). */
export const LocalStackContext = createContext(false);
export const useIsLocalStack = (): boolean => useContext(LocalStackContext);

/** Whether the page offers acts: a viewer only reads. */
export const useMayAct = (): boolean => useContext(RoleContext) === "operator";
