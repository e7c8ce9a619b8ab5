import * as z from "zod";

const report = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({ severity: z.string(), range: z.string().optional(), nodes: z.array(z.string()).optional() }),
  ),
});

export type Advisories =
  | { kind: "found"; lines: string[] }
  | { kind: "none" }
  | { kind: "skipped"; why: string };

/** Reads the output of `npm audit --json`. A registry without an audit service, or none at all, is no finding. */
export function readAudit(stdout: string): Advisories {
  let value: unknown;
  try {
    value = JSON.parse(stdout);
  } catch {
    return { kind: "skipped", why: "npm audit printed no JSON" };
  }
  const read = report.safeParse(value);
  if (!read.success) {
    const said = z.object({ message: z.string() }).safeParse(value);
    return { kind: "skipped", why: said.success ? said.data.message : "npm audit printed no report" };
  }
  const lines = Object.entries(read.data.vulnerabilities).map(
    ([name, { severity, range = "" }]) => `${name} ${range}: ${severity}`,
  );
  return lines.length > 0 ? { kind: "found", lines } : { kind: "none" };
}
