/** `cloudinary-webhooks/handler`: a handler for the receiver, in a package of its own. */

export type { Db, Param } from "../lib/database/db.ts";
export {
  type ConnectedHandler,
  defineHandler,
  type HandlerDefinition,
  type OwnContext,
  type Receiver,
  type SimpleHandler,
} from "../lib/deliveries/define-handler.ts";
export type {
  Follow,
  Gate,
  Handler,
  HandlerContext,
  Json,
  RecordedNotification,
  Settlement,
} from "../lib/deliveries/handler.ts";
export { failedResponse } from "../lib/outgoing/failed-response.ts";
export type { Variable, Variables, VariableValues } from "../lib/shared/declared-variables.ts";
