import { checkDatabase } from "./checks/database.ts";
import { checkEnvironment } from "./checks/environment.ts";
import { checkNode } from "./checks/node.ts";
import { checkReceiver } from "./checks/receiver.ts";
import { checkSecrets } from "./checks/secrets.ts";
import type { Check } from "./run.ts";

/** Those that need nothing but the receiver's own configuration and database: also for Health. */
export const localChecks: readonly Check[] = [
  { area: "environment", title: "Environment", run: checkEnvironment },
  { area: "node", title: "Node", run: checkNode },
  { area: "database", title: "Database", run: checkDatabase },
  { area: "secrets", title: "Secrets", run: checkSecrets },
  { area: "deliveries", title: "Deliveries", run: checkReceiver },
];
