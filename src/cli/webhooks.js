#!/usr/bin/env node
// The package's `bin`: plain JavaScript, since any Node may run it. The CLI needs Node 24, which strips the types of its
// TypeScript sources; an older Node starts the one that the project's dependencies bring.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [major] = process.versions.node.split(".").map(Number);
if (major >= 24) {
  await import("./main.ts");
} else {
  const file = process.platform === "win32" ? "node.exe" : "node";
  const node = fileURLToPath(new URL(`../../node_modules/node/bin/${file}`, import.meta.url));
  if (existsSync(node)) restart(node);
  else await import("./check-node.js"); // Prints how to install it, and ends with 1.
}

/** Runs the same command under another Node, which then gets every signal and ends with its own exit code. */
function restart(node) {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal sends Ctrl-C to both: the child decides when to stop.
  process.on("SIGINT", () => undefined);
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`error: Cannot run ${node}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
  });
}
