import { expect, it } from "vitest";
import { paths, patterns } from "../../src/console/page/paths.ts";
import { fileHeaders, pageRules } from "./console-site.ts";

const addresses = [
  ...Object.values(paths).filter((path) => typeof path === "string"),
  ...Object.values(patterns),
];

it("each page but the first has its rule in netlify.toml, and there is no rule beside", () => {
  expect(pageRules.length).toBeGreaterThan(5);
  expect(pageRules.toSorted()).toEqual(addresses.filter((path) => path !== "/").toSorted());
});

it("no rule takes what may be a hook's address: all are below /console, and none is a catch-all", () => {
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

it("the functions' answers are left to the functions", () => {
  expect(new Headers(fileHeaders("/api/mails/1/html")).get("content-security-policy")).toBeNull();
});
