import { checkDatabase } from "./checks/database.ts";
import { checkEnvironment } from "./checks/environment.ts";
import { checkNode } from "./checks/node.ts";
import type { DoctorContext } from "./context.ts";
import type { Finding } from "./finding.ts";

export interface Check {
  /** The first part of its findings' ids. */
  area: string;
  title: string;
  /** Asks other services, and so is left out where an answer must be quick. */
  isRemote: boolean;
  run: (context: DoctorContext) => Promise<Finding[]>;
}

/** Every check, in the order in which findings are shown. */
export const checks: readonly Check[] = [
  { area: "environment", title: "Environment", isRemote: false, run: checkEnvironment },
  { area: "node", title: "Node", isRemote: false, run: checkNode },
  { area: "database", title: "Database", isRemote: false, run: checkDatabase },
];

/** Those that need nothing but the receiver's own configuration and database. */
export const localChecks = checks.filter(({ isRemote }) => !isRemote);
