import { checkCloudinary } from "./checks/cloudinary.ts";
import { checkFaces } from "./checks/faces.ts";
import { checkHandlers } from "./checks/handlers.ts";
import { checkPim } from "./checks/pim.ts";
import { checkResend } from "./checks/resend.ts";
import { checkSendgrid } from "./checks/sendgrid.ts";
import { checkSite } from "./checks/site.ts";
import { localChecks } from "./local-checks.ts";
import type { Check } from "./run.ts";

/** Every check, in the order in which findings are shown. */
export const checks: readonly Check[] = [
  ...localChecks,
  { area: "cloudinary", title: "Cloudinary", run: checkCloudinary },
  { area: "sendgrid", title: "SendGrid", run: checkSendgrid },
  { area: "resend", title: "Resend", run: checkResend },
  { area: "site", title: "The site", run: checkSite },
  { area: "handlers", title: "Handlers", run: (context) => checkHandlers(context) },
  { area: "pim", title: "PIM connectors", run: checkPim },
  { area: "faces", title: "Faces", run: checkFaces },
];
