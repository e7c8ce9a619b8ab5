import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { pimHandler } from "../../src/handlers/pim/handler.ts";
import { serve } from "../../src/local/server.ts";
import { hexId, uploadBody } from "../support/bodies.ts";
import { type Effects, handlerContract } from "../support/handler-contract.ts";
import { callApiHandler } from "./examples/call-api.ts";
import { keepTableHandler } from "./examples/keep-table.ts";
import { tellChatHandler } from "./examples/tell-chat.ts";

/** A service that takes requests. One with an idempotency key that it knows is no new effect. */
async function service(variablesOf: (url: string) => Record<string, string>): Promise<Effects> {
  const keys = new Set<string>();
  let hanging = Promise.withResolvers<void>();
  hanging.resolve();
  const server = await serve({
    port: 0,
    async fetch(request) {
      await request.text();
      await hanging.promise;
      keys.add(request.headers.get("idempotency-key") ?? hexId());
      return new Response(null, { status: 201 });
    },
  });
  return {
    variables: variablesOf(server.url),
    count: () => keys.size,
    hang() {
      hanging = Promise.withResolvers<void>();
      return hanging.resolve;
    },
    close: () => server.close(),
  };
}

const page = await readFile(new URL("../../docs/handlers.md", import.meta.url), "utf8");
const press = () => uploadBody({ public_id: `press/${hexId()}`, tags: ["sku:PRESS-1"] });

handlerContract(tellChatHandler, {
  body: press,
  lostAttempt: "held",
  open: () => service((url) => ({ TELL_CHAT_URL: `${url}/services/T024BE7LD/B024BE7LH` })),
});

handlerContract(callApiHandler, {
  body: press,
  lostAttempt: "repeated",
  open: () =>
    service((url) => ({ CALL_API_URL: `${url}/records`, CALL_API_TOKEN: "t0ken-of-the-other-system" })),
});

handlerContract(keepTableHandler, {
  body: press,
  lostAttempt: "repeated",
  async open({ db }) {
    const [, migration = ""] = /```sql\n(create table press_pictures[\s\S]*?)```/.exec(page) ?? [];
    await db.query(migration);
    return {
      async count() {
        const { rows } = await db.query<{ n: number }>("select count(*)::int as n from press_pictures");
        return rows[0]?.n ?? 0;
      },
    };
  },
});

handlerContract(pimHandler, {
  body: press,
  lostAttempt: "repeated",
  async open({ db }) {
    return {
      async count() {
        const { rows } = await db.query<{ n: number }>("select count(*)::int as n from pim_product_image");
        return rows[0]?.n ?? 0;
      },
    };
  },
});

it.each(["tell-chat", "call-api", "keep-table"])(
  "docs/handlers.md has the tested example %s",
  async (name) => {
    const code = await readFile(new URL(`examples/${name}.ts`, import.meta.url), "utf8");
    expect(page.includes(`\`\`\`ts\n${code.replaceAll('"../../../src/', '"../../')}\`\`\``)).toBe(true);
  },
);
