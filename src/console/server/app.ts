import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import { database } from "../../lib/database/pool.ts";
import { type DeployContext, enter } from "../../lib/entry/enter.ts";
import { wakeWorker } from "../../lib/entry/wake-worker.ts";
import { failure } from "../../lib/receive/respond.ts";
import { errorText, log } from "../../lib/shared/log.ts";
import { type Joined, operatorsOnly, signedInOnly } from "./context.ts";
import { maskedAnswers } from "./masked-answers.ts";
import { alerts } from "./routes/alerts.ts";
import { stuck } from "./routes/attention.ts";
import { acts } from "./routes/audit-log.ts";
import { board } from "./routes/board.ts";
import { boardPicture } from "./routes/board-picture.ts";
import { counts } from "./routes/counts.ts";
import { deliveries } from "./routes/deliveries.ts";
import { drift } from "./routes/drift.ts";
import { erasures } from "./routes/erasures.ts";
import { exports } from "./routes/exports.ts";
import { faces } from "./routes/faces.ts";
import { handlers } from "./routes/handlers.ts";
import { health } from "./routes/health.ts";
import { mails } from "./routes/mails.ts";
import { metrics } from "./routes/metrics.ts";
import { notifications } from "./routes/notifications.ts";
import { picture } from "./routes/picture.ts";
import { pimActs } from "./routes/pim-acts.ts";
import { products } from "./routes/products.ts";
import { refusals } from "./routes/refusals.ts";
import { sendEdited } from "./routes/send-edited.ts";
import { session } from "./routes/session.ts";
import { suggestions } from "./routes/suggestions.ts";
import { tryIt } from "./routes/try.ts";
import { refusedAsPage, uploadWidget } from "./routes/upload-widget.ts";

/** The part of Netlify's context that is used. */
export interface ApiContext extends DeployContext {
  /** The client's IP address. */
  ip?: string;
  waitUntil(work: Promise<unknown>): void;
}

/** All routes; a test requests each of them as a viewer. */
export const app = new Hono<Joined>()
  .basePath("/api")
  .use(async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
  })
  .route("/", health)
  .use(maskedAnswers)
  .use("/upload-widget", refusedAsPage)
  .use(signedInOnly)
  .route("/", session)
  .route("/", exports)
  .route("/", suggestions)
  .route("/", counts)
  .route("/", notifications)
  .route("/", deliveries)
  .route("/", stuck)
  .route("/", refusals)
  .route("/", handlers)
  .route("/", drift)
  .route("/", alerts)
  .route("/", metrics)
  .route("/", acts)
  .route("/", products)
  .route("/pim", products)
  .route("/", pimActs)
  .route("/", board)
  .route("/", boardPicture)
  .route("/", picture)
  .route("/", mails)
  .route("/", faces)
  .route("/", erasures)
  .route("/", tryIt)
  .route("/", sendEdited)
  .use("/upload-widget/*", operatorsOnly)
  .route("/", uploadWidget)
  .notFound(() => failure(404, "no-such-page"))
  .onError((error) => {
    if (error instanceof HTTPException) return error.getResponse();
    const code = "code" in error ? String(error.code) : "";
    log("error", "the console API failed", { error: errorText(error), code });
    if (error instanceof CloudinaryError) return failure(502, "cloudinary-failed");
    // SQLSTATE class 22: a value that no row can have, such as a date in the year 0.
    return code.startsWith("22") ? failure(400, "invalid-request") : failure(503, "database");
  });

/** The type for the client of the page and the CLI: `hc<ConsoleApi>(origin)`. */
export type ConsoleApi = typeof app;

/** The API of the page and the CLI. Everything except `/api/health` requires a token. */
export async function consoleApi(request: Request, context: ApiContext): Promise<Response> {
  const entry = enter(request, context);
  if (!entry.ok) return failure(503, entry.reason);
  const { config, variables, origin } = entry;
  const db = database({ url: config.databaseUrl, ca: config.databaseCa, max: 4, timeoutMs: 10_000 });
  if (config.operatorProblems.length > 0)
    log("error", "an entry of OPERATOR_TOKEN was rejected", { problems: config.operatorProblems.join("; ") });
  return await app.fetch(request, {
    config,
    variables,
    db,
    address: context.ip ?? "",
    wake: () => context.waitUntil(wakeWorker(db, config, origin)),
  });
}
