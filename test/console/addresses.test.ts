import { expect, it } from "vitest";
import { former, paths, patterns } from "../../src/console/page/paths.ts";
import { imageSources } from "../../src/console/server/image-sources.ts";
import { settings } from "../../src/settings.ts";
import { devHeaders, fileHeaders, pageRules } from "./console-site.ts";

// Two addresses that differ in their query are one page.
const addresses = [
  ...new Set(
    [
      ...Object.values(paths).filter((path) => typeof path === "string"),
      ...Object.values(patterns),
      ...Object.values(former),
    ].map((path) => path.replace(/\?.*$/, "")),
  ),
];

it("every page except the inbox has a rule in netlify.toml, and there are no other rules", () => {
  expect(pageRules.length).toBeGreaterThan(5);
  expect(pageRules.toSorted()).toEqual(addresses.filter((path) => path !== "/").toSorted());
});

it("no rule matches a webhook address: all are under /console, and none is a catch-all", () => {
  for (const rule of pageRules) expect(rule).toMatch(/^\/console\/[a-z-]+(\/:[a-z]+)?$/);
});

it.each(["/", "/index.html", "/console/held", "/console/notifications/1"])(
  "O1 %s allows scripts and styles from files only, and no frame around it",
  (path) => {
    const headers = new Headers(fileHeaders(path));
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe| \*[ ;]/);
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  },
);

/** A policy's directives, each with its sources. */
const directives = (policy = "") =>
  Object.fromEntries(
    policy.split(";").map((part) => {
      const [name = "", ...sources] = part.trim().split(" ");
      return [name, sources];
    }),
  );
const loopback = ["http://127.0.0.1:*", "http://localhost:*"];

it.each(["/", "/index.html", "/console/held"])("%s allows loopback hosts only under netlify dev", (path) => {
  const deployed = directives(new Headers(fileHeaders(path)).get("content-security-policy") ?? "");
  const local = directives(new Headers(devHeaders(path)).get("content-security-policy") ?? "");
  expect(deployed["img-src"]).toContain("https://*.cloudinary.com");
  expect(JSON.stringify(deployed)).not.toMatch(/127\.0\.0\.1|localhost|http:/);
  expect(local).toEqual({
    ...deployed,
    "img-src": [...(deployed["img-src"] ?? []), ...loopback],
    "media-src": [...(deployed["media-src"] ?? []), ...loopback],
  });
});

it("the preview of an e-mail allows the same image hosts as the console", () => {
  const { "img-src": images = [] } = directives(
    new Headers(fileHeaders("/")).get("content-security-policy") ?? "",
  );
  const own = settings.moderation.ownHosts.map((host) => `https://${host}`);
  expect([...imageSources({ local: false })].sort()).toEqual(images.filter((one) => one !== "'self'").sort());
  expect(images).toEqual(expect.arrayContaining(own));
  expect(imageSources({ local: true })).toEqual([...imageSources({ local: false }), ...loopback]);
});

it("rules do not override the responses of functions", () => {
  expect(new Headers(fileHeaders("/api/mails/1/html")).get("content-security-policy")).toBeNull();
});
