import { expect, it } from "vitest";
import lockfile from "../package-lock.json" with { type: "json" };
import { readAudit } from "./audit/advisories.ts";
import { unpermitted } from "./audit/licences.ts";

it("licences: one of several is enough, and development packages do not count", () => {
  const packages = {
    "": { license: "MIT" },
    "node_modules/a": { license: "(GPL-3.0 OR MIT)" },
    "node_modules/b": { license: "GPL-3.0" },
    "node_modules/b/node_modules/@of/c": {},
    "node_modules/d": { license: "GPL-3.0", dev: true },
  };
  expect(unpermitted({ packages })).toEqual(["b: GPL-3.0", "@of/c: none"]);
});

it("licences of what ships are permitted", () => {
  expect(unpermitted(lockfile)).toEqual([]);
});

it("npm audit: findings, none, and a registry that has no audit service", () => {
  const vulnerabilities = { lodash: { severity: "high", range: "<4.17.21", nodes: [], via: [] } };
  expect(readAudit(JSON.stringify({ auditReportVersion: 2, vulnerabilities }))).toEqual({
    kind: "found",
    lines: ["lodash <4.17.21: high"],
  });
  expect(readAudit('{"auditReportVersion":2,"vulnerabilities":{}}')).toEqual({ kind: "none" });
  expect(readAudit('{"message":"405 Method Not Allowed","error":{"summary":""}}')).toEqual({
    kind: "skipped",
    why: "405 Method Not Allowed",
  });
  expect(readAudit("")).toMatchObject({ kind: "skipped" });
});
