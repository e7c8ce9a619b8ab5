import { execFile, execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { reportError } from "../../src/cli/user-error.ts";
import { runWebhooks } from "../support/command-line.ts";
import { projectFolder } from "../support/project-folder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ path: folder, remove } = await projectFolder());
});
afterAll(() => remove());

const webhooks = (args: readonly string[], env?: Record<string, string>) => runWebhooks(folder, args, env);

/** The commands that `webhooks --help` lists, but `help` itself. */
async function commandNames(): Promise<string[]> {
  const { stdout } = await webhooks(["--help"]);
  const [, list = ""] = /^Commands:\n((?: {2}.+\n)+)/m.exec(stdout) ?? [];
  return [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name = ""]) => name).filter((name) => name !== "help");
}

describe("help", () => {
  it("lists every command and the exit codes", async () => {
    const { code, stdout, stderr } = await webhooks(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Exit codes:\n {2}0 {2}success/m);
    expect(await commandNames()).toEqual(
      expect.arrayContaining(["simulate", "send", "list", "show", "replay", "forget", "completion"]),
    );
  });

  it("has examples and --json for every command, and is what docs/command-line.md says", async () => {
    const page = await readFile(join(root, "docs/command-line.md"), "utf8");
    const names = await commandNames();
    expect(page).toContain(
      `### webhooks\n\n\`\`\`text\n${(await webhooks(["--help"])).stdout.trimEnd()}\n\`\`\`\n`,
    );
    const helps = await Promise.all(
      names.map(async (name) => ({ name, ...(await webhooks([name, "--help"])) })),
    );
    for (const { name, code, stdout } of helps) {
      expect(code, name).toBe(0);
      expect(stdout, name).toContain(`\nExamples:\n  $ npx webhooks ${name}`);
      if (name !== "completion") expect(stdout, name).toMatch(/^ {2}--json /m);
      expect(page, name).toContain(`### webhooks ${name}\n\n\`\`\`text\n${stdout.trimEnd()}\n\`\`\`\n`);
    }
    const sections = [...page.matchAll(/^### webhooks (\w+)$/gm)].map(([, name]) => name);
    expect(sections).toEqual(names.concat("help").filter((name) => name !== "help"));
  });

  it("prints the version", async () => {
    expect(await webhooks(["--version"])).toMatchObject({ code: 0, stdout: `${manifest.version}\n` });
  });
});

describe("wrong usage exits with 2", () => {
  it.each([
    [["simulat"], "error: unknown command 'simulat'\n(Did you mean simulate?)\n"],
    [["list", "--stat", "done"], "error: unknown option '--stat'\n(Did you mean --state?)\n"],
    [["show"], "error: missing required argument 'id'\n(See `webhooks show --help`.)\n"],
    [["list", "--url"], "error: option '--url <address>' argument missing\n(See `webhooks list --help`.)\n"],
    [["replay", "an-id"], "error: --reason is required\n(See `webhooks replay --help`.)\n"],
  ])("in two lines: %j", async (args, stderr) => {
    expect(await webhooks(args)).toMatchObject({ code: 2, stdout: "", stderr });
  });

  it("without a command, with the list of commands on stderr", async () => {
    const { code, stdout, stderr } = await webhooks([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: webhooks");
  });
});

describe("colours", () => {
  const sequence = "\u001b[";

  it("are off where the output is not a terminal", async () => {
    expect((await webhooks(["list", "--stat"])).stderr).not.toContain(sequence);
    expect((await webhooks(["--help"])).stdout).not.toContain(sequence);
  });

  it("are on where they are forced, and off with NO_COLOR", async () => {
    const forced = await webhooks(["list", "--stat"], { FORCE_COLOR: "1" });
    expect(forced.stderr).toContain(`${sequence}31merror:${sequence}39m unknown option`);
    expect((await webhooks(["--help"], { FORCE_COLOR: "1" })).stdout).toContain(`${sequence}1mUsage:`);
    expect((await webhooks(["list", "--stat"], { NO_COLOR: "1" })).stderr).not.toContain(sequence);
  });
});

describe("bin", () => {
  /** Makes a Node say that it is an old one. What it starts is none. */
  const oldNode = `data:text/javascript,${encodeURIComponent(
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })",
  )}`;
  const runBin = promisify(execFile);

  it("runs as the package's command, also under an old Node, with its exit code", async () => {
    const bin = join(root, manifest.bin.webhooks);
    const { stdout } = await runBin(bin, ["--version"]);
    expect(stdout).toBe(`${manifest.version}\n`);
    const old = await runBin(process.execPath, ["--import", oldNode, bin, "--version"]);
    expect(old.stdout).toBe(`${manifest.version}\n`);
    await expect(
      runBin(process.execPath, ["--import", oldNode, bin, "list", "--stat"]),
    ).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("Did you mean --state?") });
  });

  it("says what to do under an old Node without the project's packages", async () => {
    const bare = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-bare-"));
    for (const file of ["src/cli/webhooks.js", "src/cli/check-node.js"]) {
      await mkdir(join(bare, file, ".."), { recursive: true });
      await cp(join(root, file), join(bare, file));
    }
    await writeFile(join(bare, "package.json"), '{ "type": "module" }');
    await expect(
      runBin(process.execPath, ["--import", oldNode, join(bare, "src/cli/webhooks.js"), "--version"]),
    ).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/Node 20\.20\.2[\s\S]*npm ci/) });
    await rm(bare, { recursive: true });
  });
});

describe("completion", () => {
  const isThere = (shell: string): boolean => {
    try {
      execFileSync(shell, ["-c", "exit 0"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  };

  async function script(shell: string): Promise<string> {
    const { code, stdout } = await webhooks(["completion", shell]);
    expect(code).toBe(0);
    const file = join(folder, `completion.${shell}`);
    await writeFile(file, stdout);
    return file;
  }

  const cases: [words: string[], completions: string[]][] = [
    [["s"], ["send", "setup", "show", "simulate", "sku", "smoke"]],
    [["simulate", "ea"], ["eager"]],
    [["fault", "d"], ["database"]],
    [["list", "--stat"], ["--state"]],
    [
      ["list", "--state", "d"],
      ["dead", "done", "due"],
    ],
    [
      ["send", "--algorithm", ""],
      ["sha1", "sha256"],
    ],
    [["send", "pack"], ["package.json"]],
    [["help", "for"], ["forget"]],
  ];

  it("bash", async () => {
    const file = await script("bash");
    for (const [words, expected] of cases) {
      const ask = `source "$0"; COMP_WORDS=(webhooks "$@"); COMP_CWORD=$#; _webhooks; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const output = execFileSync("bash", ["-c", ask, file, ...words], { cwd: folder, encoding: "utf8" });
      expect(output.trim().split("\n").sort(), words.join(" ")).toEqual(expected);
    }
  });

  it.skipIf(!isThere("fish"))("fish", async () => {
    const file = await script("fish");
    for (const [words, expected] of cases) {
      const ask = `source ${file}; complete -C 'webhooks ${words.join(" ")}'`;
      const output = execFileSync("fish", ["--no-config", "-c", ask], { cwd: folder, encoding: "utf8" });
      const found = output
        .trim()
        .split("\n")
        .map((line) => line.split("\t")[0]);
      expect(found.sort(), words.join(" ")).toEqual(expected);
    }
  });

  it.skipIf(!isThere("zsh"))("zsh", async () => {
    const file = await script("zsh");
    const driver = join(folder, "press-tab.zsh");
    await writeFile(driver, pressTab);
    for (const [words, expected] of cases) {
      const line = `webhooks ${words.join(" ")}`;
      const output = execFileSync("zsh", ["-f", driver, file, line], {
        encoding: "utf8",
        cwd: folder,
        timeout: 20_000,
      });
      const [, matches] = /matches=(\d+)\./.exec(output) ?? [];
      expect(Number(matches), line).toBe(expected.length);
    }
  });

  /** Types a line and a Tab into an interactive zsh on a pseudo-terminal, which then says how many completions it has. */
  const pressTab = `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1=; stty -echo; autoload -Uz compinit; compinit -D -u; source $1; comppostfuncs=(count); count() { print -r -- 'matches='\\$compstate[nmatches]'.' }; print -r rea''dy"
zpty -r z out '*ready*'
zpty -w -n z "$2"$'\\t'
zpty -r z out '*matches=<->.*'
print -r -- $out
zpty -d z
`;
});

it("an unexpected error is printed with its stack, and masked", () => {
  const detail = "Failing row contains (ada.lovelace@example.com).";
  const printed = vi.spyOn(console, "error").mockImplementation(() => undefined);
  expect(reportError(Object.assign(new Error("duplicate key"), { detail }))).toBe(1);
  const text = printed.mock.calls
    .flat()
    .map((one) => inspect(one))
    .join();
  printed.mockRestore();
  expect(text).toContain("duplicate key");
  expect(text).toContain("main.test.ts");
  expect(text).not.toContain("ada.lovelace");
});

it("doctor says where it must be run, in a folder that is no checkout", async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-elsewhere-"));
  try {
    const { code, stderr } = await runWebhooks(elsewhere, ["doctor", "--url", "http://127.0.0.1:9"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: Run this command in a checkout of the receiver\. ENOENT: .+\n$/);
  } finally {
    await rm(elsewhere, { recursive: true });
  }
});

it("ends quietly when the reader of its output stops early", async () => {
  const command = `"$0" src/cli/main.ts completion zsh | head -c 10`;
  const { stderr } = await promisify(execFile)("bash", ["-o", "pipefail", "-c", command, process.execPath], {
    cwd: folder,
  }).catch((error: { stderr: string }) => error);
  expect(stderr).toBe("");
});
