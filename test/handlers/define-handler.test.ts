import { afterEach, expect, it, vi } from "vitest";
import { readConfig } from "../../src/config.ts";
import { checkoutContext } from "../../src/doctor/checkout.ts";
import { checkHandlers } from "../../src/doctor/checks/handlers.ts";
import { forwardTarget } from "../../src/handlers/forward/handler.ts";
import type { HandlerSettings } from "../../src/handlers/list.ts";
import type { Db } from "../../src/lib/database/pool.ts";
import { defineHandler, type Receiver } from "../../src/lib/deliveries/define-handler.ts";
import type { HandlerContext, RecordedNotification } from "../../src/lib/deliveries/handler.ts";
import { handlerProblems, startHandlers, variableProblems } from "../../src/lib/deliveries/start-handlers.ts";
import { readVariables } from "../../src/lib/shared/declared-variables.ts";
import { redact } from "../../src/lib/shared/redact.ts";
import { settings } from "../../src/settings.ts";
import type { Settings } from "../../src/settings.types.ts";

afterEach(() => vi.restoreAllMocks());

const press = defineHandler({
  name: "press",
  environment: {
    PRESS_TOKEN: { about: "The token of the press office." },
    PRESS_URL: {
      about: "Where it is.",
      secret: false,
      check: (value) => (URL.canParse(value) ? null : "is not a URL"),
    },
    PRESS_DESK: { about: "Who gets it.", optional: true, secret: false },
  },
  settings: { folder: "press", most: 3 },
  async handle(_notification, { environment, settings: { folder, most }, attempt }) {
    const { PRESS_TOKEN, PRESS_URL, PRESS_DESK } = environment;
    // The compiler knows which may be missing.
    const all: string[] = [PRESS_TOKEN, PRESS_URL, PRESS_DESK ?? "no desk", folder];
    return { kind: "done", result: [...all, most, attempt] };
  },
});

const token = "t0ken-of-the-press-office";
const routed: Settings = { ...settings, routes: { upload: ["press"] } };

function receiverWith(variables: Record<string, string>, changed: Partial<Settings> = {}): Receiver {
  const reading = readConfig(settings, "", {
    DATABASE_URL: "postgresql://127.0.0.1/app",
    CLOUDINARY_URL: "cloudinary://123456789012345:aRealLookingSecret_0123456@acme",
  });
  if (!reading.ok) throw new Error(reading.problems.join("; "));
  return {
    config: reading.config,
    settings: { ...routed, ...changed },
    variables,
    api: null,
    apiOf: () => null,
    sandbox: false,
  };
}

const context: HandlerContext = {
  deliveryId: "00000000-0000-4000-8000-000000000000",
  subject: null,
  attempt: 1,
  claimNumber: 1,
  progress: null,
  settings,
  db: {} as Db,
  signal: new AbortController().signal,
  markSending: async () => true,
};

/** One attempt. These handlers use nothing else of a notification, or of a context. */
async function attempt(receiver: Receiver, name = "press") {
  const handler = startHandlers([press], receiver).find((one) => one.name === name);
  return await handler?.handle({} as RecordedNotification, context);
}

it("a handler gets its variables as they are meant, and its settings with the changes of src/settings.ts", async () => {
  const variables = { PRESS_TOKEN: ` "${token}" `, PRESS_URL: "PRESS_URL=https://press.example.com" };
  expect(await attempt(receiverWith(variables))).toEqual({
    kind: "done",
    result: [token, "https://press.example.com", "no desk", "press", 3, 1],
  });
  const changed = receiverWith(
    { ...variables, PRESS_DESK: "the desk" },
    { handlers: { press: { most: 7 } } },
  );
  expect(await attempt(changed)).toMatchObject({
    result: [token, "https://press.example.com", "the desk", "press", 7, 1],
  });
  expect(redact(`sent ${token} to the desk`)).toBe("sent [secret] to the desk");
});

it("missing or wrong variables are named at the start, without values, and deliveries wait on hold", async () => {
  const lines = vi.spyOn(console, "warn").mockImplementation(() => {});
  const receiver = receiverWith({ PRESS_TOKEN: "<your_token>", PRESS_URL: "press.example.com" });
  expect(await attempt(receiver)).toEqual({
    kind: "hold",
    reason: "not-configured: PRESS_TOKEN holds a placeholder; PRESS_URL is not a URL",
  });
  expect(variableProblems(routed, [press], {})).toEqual([
    "PRESS_TOKEN is missing: the deliveries of the handler press are put on hold",
    "PRESS_URL is missing: the deliveries of the handler press are put on hold",
  ]);
  // No route names it.
  expect(variableProblems(settings, [press], {})).toEqual([]);
  lines.mockRestore();
});

it("a variable with several secrets is not a placeholder, and each of them is removed from logs", async () => {
  const [one, two] = [`whsec_${"Aa1+".repeat(8)}`, `whsec_${"Bb2/".repeat(8)}`];
  const definition = forwardTarget({ name: "crm", to: { kind: "http", url: "https://crm.example.com" } });
  const variables = { FORWARD_WEBHOOK_SECRETS: `crm=${one} erp=${two}` };
  expect(readVariables(definition.environment, variables)).toEqual({ values: variables, problems: [] });
  expect(redact(`signed with ${two}, not with ${one}`)).toBe("signed with [secret], not with [secret]");
  const copied = { FORWARD_WEBHOOK_SECRETS: `crm=${one} erp=<secret>` };
  expect(readVariables(definition.environment, copied).problems).toEqual([
    "FORWARD_WEBHOOK_SECRETS holds a placeholder",
  ]);
});

it("a route to a handler that does not exist does not type-check, and with a cast fails with its name", async () => {
  const known: HandlerSettings = { routes: { upload: ["email"] }, pim: { connectors: ["pim:webhook"] } };
  expect(known).toBeDefined();
  // @ts-expect-error: no handler has this name.
  ({ routes: { upload: ["emial"] }, pim: { connectors: [] } }) satisfies HandlerSettings;
  // @ts-expect-error: a connector gets products, not notifications.
  ({ routes: { upload: ["pim:webhook"] }, pim: { connectors: [] } }) satisfies HandlerSettings;
  // @ts-expect-error: not a connector.
  ({ routes: {}, pim: { connectors: ["email"] } }) satisfies HandlerSettings;
  // @ts-expect-error: no handler has these settings.
  ({ routes: {}, pim: { connectors: [] }, handlers: { press: { most: 1 } } }) satisfies HandlerSettings;

  const receiver = receiverWith({}, { routes: { upload: ["emial"], delete: ["press"] } });
  expect(handlerProblems(receiver.settings, [press, press])).toEqual([
    "src/handlers/list.ts: two handlers have the name press",
    'src/settings.ts: routes.upload names the handler "emial", which is not in src/handlers/list.ts',
  ]);
  expect(await attempt(receiver, "emial")).toEqual({
    kind: "give-up",
    error: expect.stringContaining('the handler "emial" does not exist'),
  });
});

it("names that a route or a variable cannot have are rejected where they are defined", () => {
  const named = (name: string) => () =>
    defineHandler({ name, handle: async () => ({ kind: "skip", reason: "never" }) });
  for (const name of ["", "Press", "press office", "pim:", "a:b", "../press", "é"])
    expect(named(name)).toThrow("cannot be the name of a handler");
  expect(named("pim:shop")).not.toThrow();
  expect(() =>
    defineHandler({
      name: "press",
      environment: { "press-token": { about: "" } },
      handle: async () => ({ kind: "skip", reason: "never" }),
    }),
  ).toThrow("press-token");
});

it("doctor lists the variables of handlers, and names that do not exist", async () => {
  const found = async (env: Record<string, string>, routes: Settings["routes"]) => {
    const checkout = {
      folder: process.cwd(),
      env,
      settings: { ...settings, routes },
      siteUrl: null,
      isLocal: true,
    };
    const { context } = await checkoutContext(checkout);
    return (await checkHandlers(context, [press])).map(({ id, level, what }) => `${level} ${id}: ${what}`);
  };
  expect(await found({ PRESS_TOKEN: token }, { upload: ["press", "emial"] })).toEqual([
    'failed handlers: src/settings.ts: routes.upload names the handler "emial", which is not in src/handlers/list.ts',
    "ok handlers.PRESS_TOKEN: PRESS_TOKEN is set (handler press)",
    "failed handlers.PRESS_URL: PRESS_URL is missing (handler press)",
    "ok handlers.PRESS_DESK: PRESS_DESK is not set, and optional (handler press)",
  ]);
  expect(await found({ PRESS_TOKEN: token }, { upload: [] })).toContain(
    "warning handlers.PRESS_URL: PRESS_URL is missing (handler press)",
  );
});
