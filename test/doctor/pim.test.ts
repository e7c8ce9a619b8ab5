import { expect, it } from "vitest";
import { checkoutContext } from "../../src/doctor/checkout.ts";
import { checkPim } from "../../src/doctor/checks/pim.ts";
import { serve } from "../../src/local/server.ts";
import { settings } from "../../src/settings.ts";

/** What is found about connectors with these variables. */
async function found(connectors: readonly string[], env: Record<string, string>, isLocal = true) {
  const { context } = await checkoutContext({
    folder: process.cwd(),
    env,
    settings: { ...settings, pim: { ...settings.pim, connectors } },
    siteUrl: null,
    isLocal,
  });
  return (await checkPim(context)).map(({ id, level }) => `${id} ${level}`);
}

const secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";

it("pim:webhook: missing, malformed, private, silent, redirecting, in order", async () => {
  const webhook = ["pim:webhook"];
  expect(await found([], {})).toEqual(["pim ok"]);
  expect(await found(webhook, {})).toEqual(["pim.webhook failed"]);
  expect(await found(webhook, { PIM_WEBHOOK_URL: "pim.example.com", PIM_WEBHOOK_SECRET: "secret" })).toEqual([
    "pim.webhook-secret failed",
    "pim.webhook-address failed",
  ]);
  const site = await serve({
    port: 0,
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/moved") return new Response(null, { status: 308, headers: { location: "/here" } });
      return new Response(null, { status: pathname === "/here" ? 405 : 404 });
    },
  });
  const at = (url: string, isLocal?: boolean) =>
    found(webhook, { PIM_WEBHOOK_URL: url, PIM_WEBHOOK_SECRET: secret }, isLocal);
  expect(await at(`${site.url}/here`)).toEqual(["pim.webhook-secret ok", "pim.webhook-address ok"]);
  expect(await at(`${site.url}/moved`)).toContain("pim.webhook-address failed");
  expect(await at(`${site.url}/gone`)).toContain("pim.webhook-address warning");
  expect(await at("https://127.0.0.1/here", false)).toContain("pim.webhook-address failed");
  await site.close();
  expect(await at(`${site.url}/here`)).toContain("pim.webhook-address failed");
});

it("pim:akeneo: missing, rejected, in order", async () => {
  const akeneo = ["pim:akeneo"];
  expect(await found(akeneo, {})).toEqual(["pim.akeneo failed"]);
  const site = await serve({
    port: 0,
    fetch: async (request) =>
      Response.json({}, { status: (await request.text()).includes("right-password") ? 200 : 422 }),
  });
  const env = {
    AKENEO_URL: site.url,
    AKENEO_CLIENT_ID: "1_client",
    AKENEO_SECRET: "0123456789abcdef",
    AKENEO_USERNAME: "ada",
  };
  expect(await found(akeneo, { ...env, AKENEO_PASSWORD: "right-password" })).toEqual(["pim.akeneo ok"]);
  expect(await found(akeneo, { ...env, AKENEO_PASSWORD: "wrong" })).toEqual(["pim.akeneo failed"]);
  await site.close();
});
