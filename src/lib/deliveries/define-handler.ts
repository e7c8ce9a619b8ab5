import type { Config, Environment } from "../../config.types.ts";
import type { Settings } from "../../settings.types.ts";
import type { CloudinaryApi } from "../cloudinary/api.ts";
import { readVariables, type Variables, type VariableValues } from "../shared/declared-variables.ts";
import { own } from "../shared/own.ts";
import type { Handler, HandlerContext, RecordedNotification, Settlement } from "./handler.ts";

/** What a handler can use of the receiver that it runs in. */
export interface Receiver {
  config: Config;
  settings: Settings;
  /** The environment variables as they are written. */
  variables: Environment;
  /** Of the first cloud; null without an account. */
  api: CloudinaryApi | null;
  /** Of the cloud of a notification (`notification.cloud`); null if there are no credentials for it. */
  apiOf(cloud: string | null): CloudinaryApi | null;
  /** A deploy preview, which may have a copy of production data: nothing may reach real people. */
  sandbox: boolean;
}

/** The context of a handler with settings and variables of its own. */
export interface OwnContext<Declared extends Variables, Own> extends Omit<HandlerContext, "settings"> {
  /** The values of the variables that the handler declares. */
  environment: VariableValues<Declared>;
  /** The settings that the handler declares, with the changes in `handlers.<name>` of src/settings.ts. */
  settings: Own;
  receiver: Receiver;
}

interface Declaration<Name extends string, Declared extends Variables, Own> {
  /**
   * Lower case letters, digits and hyphens; a connector of the PIM is `pim:<name>`, a target of `forward` is
   * `forward:<name>`. With `.fifo` at the end, deliveries about one asset run one at a time, in order of receipt. Routes name it, and each delivery.
   */
  name: Name;
  /** Environment variables. Without one that is not optional, deliveries are put on hold. */
  environment?: Declared & Variables;
  /** Defaults of settings that src/settings.ts may change in `handlers.<name>`. */
  settings?: Own;
}

export interface SimpleHandler<Name extends string, Declared extends Variables, Own>
  extends Declaration<Name, Declared, Own> {
  /** One attempt of one delivery. docs/handlers.md describes the contract. */
  handle(notification: RecordedNotification, context: OwnContext<Declared, Own>): Promise<Settlement>;
}

export interface ConnectedHandler<Name extends string, Declared extends Variables, Own>
  extends Declaration<Name, Declared, Own> {
  /** Makes what all deliveries of a worker share, such as a client, and returns the function that handles one attempt. */
  connect(receiver: Receiver, declared: OwnValues<Declared, Own>): Handler["handle"];
}

type OwnValues<Declared extends Variables, Own> = Pick<OwnContext<Declared, Own>, "environment" | "settings">;

/** A handler that a worker can start; `src/handlers/list.ts` lists them all. */
export interface HandlerDefinition<Name extends string = string, Own = object> {
  readonly name: Name;
  readonly environment: Variables;
  readonly settings: Own;
  start(receiver: Receiver): Handler;
}

type None = Readonly<Record<never, never>>;

/** Throws if the name of the handler or of a variable cannot be used. */
export function defineHandler<
  const Name extends string,
  const Declared extends Variables = None,
  Own extends object = None,
>(
  definition: SimpleHandler<Name, Declared, Own> | ConnectedHandler<Name, Declared, Own>,
): HandlerDefinition<Name, Own> {
  const { name, environment, settings } = definition;
  if (!/^(?:pim:|forward:)?[a-z][a-z0-9-]{0,49}(?:\.fifo)?$/.test(name))
    throw new Error(`${JSON.stringify(name)} cannot be the name of a handler`);
  for (const variable of Object.keys(environment ?? {}))
    if (!/^[A-Z][A-Z0-9_]*$/.test(variable))
      throw new Error(`${JSON.stringify(variable)} cannot be the name of a variable (handler ${name})`);
  // Without declarations, the defaults of the type parameters apply, and both are empty.
  const declared = environment ?? ({} as Declared);
  const defaults = settings ?? ({} as Own);
  return {
    name,
    environment: declared,
    settings: defaults,
    start(receiver) {
      const { values, problems } = readVariables(declared, receiver.variables);
      if (problems.length > 0) return notConfigured(name, problems);
      const changes = own(receiver.settings.handlers ?? {}, name);
      const ours = { environment: values, settings: { ...defaults, ...changes } };
      if ("connect" in definition) return { name, handle: definition.connect(receiver, ours) };
      return {
        name,
        handle: (notification, context) => definition.handle(notification, { ...context, ...ours, receiver }),
      };
    },
  };
}

/** On hold, so that nothing is lost, and an operator can release it once the variables are set. */
function notConfigured(name: string, problems: readonly string[]): Handler {
  const reason = `not-configured: ${problems.join("; ")}`;
  return { name, handle: async () => ({ kind: "hold", reason }) };
}
