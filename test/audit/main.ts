import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readAudit } from "./advisories.ts";
import { type Lockfile, unpermitted } from "./licences.ts";

// `npm run audit`: known vulnerabilities and licences of the packages that ship.

const root = fileURLToPath(new URL("../..", import.meta.url));

const lockfile: Lockfile = JSON.parse(readFileSync(`${root}/package-lock.json`, "utf8"));
const licences = unpermitted(lockfile);
for (const one of licences) console.error(`licence not permitted  ${one}`);

const { stdout } = spawnSync("npm", ["audit", "--omit=dev", "--json"], {
  cwd: root,
  encoding: "utf8",
  timeout: 60_000,
  shell: process.platform === "win32",
});
const advisories = readAudit(stdout ?? "");
switch (advisories.kind) {
  case "found":
    for (const line of advisories.lines) console.error(`known vulnerability  ${line}`);
    break;
  case "skipped":
    console.log(`npm audit was skipped, because the registry does not answer it: ${advisories.why}`);
    break;
  case "none":
    console.log("no known vulnerability in what ships");
    break;
  default:
    advisories satisfies never;
}
if (licences.length === 0) console.log("every licence of what ships is permitted");
if (licences.length > 0 || advisories.kind === "found") process.exitCode = 1;
