import { Command } from "@commander-js/extra-typings";
import type { Finding, Level } from "../../doctor/finding.ts";
import { examples, instant, jsonOption, urlOption, wrongUsage } from "../command.ts";
import { findingLines } from "../finding-lines.ts";
import { printJson } from "../output.ts";

export const doctor = new Command("doctor")
  .summary("check the configuration and every connected service")
  .description(
    "Checks variables, Node, database, secrets, Cloudinary, SendGrid, the site and the PIM connector, and prints how to fix " +
      "problems. With --headers and --body, or --refusal, explains why the receiver rejects a request. Reads variables from the " +
      "shell and .env, and changes nothing. Exits with 1 if a check failed.",
  )
  .addOption(urlOption)
  .option("--all", "also print successful checks")
  .option("--headers <file>", "headers of a captured request: lines, as from `curl -v`, or JSON")
  .option("--body <file>", "body of the request, byte for byte")
  .option("--received-at <time>", "time of its arrival, such as 2026-01-31T12:00:00Z (default: now)", instant)
  .option("--refusal <id>", "id of a rejected request, as in the receiver's log or console")
  .addOption(jsonOption)
  .addHelpText(
    "after",
    examples([
      "doctor",
      "doctor --url https://hooks.example.com --json",
      "doctor --headers headers.txt --body body.json --received-at 2026-01-31T12:00:00Z",
    ]),
  )
  .action(async ({ url, all = false, json = false, headers, body, receivedAt, refusal }, command) => {
    if ((headers === undefined) !== (body === undefined))
      wrongUsage(command, "--headers and --body must be used together");
    if (refusal !== undefined && headers !== undefined)
      wrongUsage(command, "--refusal and --headers exclude each other");
    const request = headers === undefined || body === undefined ? null : { headers, body, receivedAt };
    // Loaded only here, so that it does not slow down the start of other commands.
    const { examine } = await import("../examine.ts");
    const findings = await examine({ folder: process.cwd(), url, request, refusal: refusal ?? null });
    report(findings, { all: all || request !== null || refusal !== undefined, json });
  });

function report(findings: readonly Finding[], { all, json }: { all: boolean; json: boolean }): void {
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const counts = {
    failed: count("failed"),
    warning: count("warning"),
    ok: count("ok"),
    "not-checked": count("not-checked"),
  };
  if (counts.failed > 0) process.exitCode = 1;
  if (json) {
    printJson({ ok: counts.failed === 0, counts, findings });
    return;
  }
  const lines = findings.filter(({ level }) => all || level !== "ok").flatMap(findingLines);
  const warnings = `${counts.warning} ${counts.warning === 1 ? "warning" : "warnings"}`;
  const summary = `${counts.failed} failed, ${warnings}, ${counts.ok} ok, ${counts["not-checked"]} not checked`;
  console.log([...lines, ...(lines.length > 0 ? [""] : []), summary].join("\n"));
}
