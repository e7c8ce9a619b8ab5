import type { CommandUnknownOpts } from "@commander-js/extra-typings";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

interface Completable {
  name: string;
  summary: string;
  options: readonly {
    flags: readonly string[];
    summary: string;
    takesValue: boolean;
    values: readonly string[];
  }[];
  /** What the first argument may be; `isFile`: the name of a file. */
  argument: { values: readonly string[]; isFile: boolean };
}

/** A script for the shell that completes the commands of `program`, their options and the values of both. */
export function completionScript(shell: Shell, program: CommandUnknownOpts): string {
  const commands = program.createHelp().visibleCommands(program).map(completable);
  const help = commands.find(({ name }) => name === "help");
  if (help) help.argument.values = commands.map(({ name }) => name);
  const scripts = { bash, zsh, fish };
  return scripts[shell](commands);
}

function completable(command: CommandUnknownOpts): Completable {
  const [argument] = command.registeredArguments;
  return {
    name: command.name(),
    summary: command.summary() || command.description(),
    options: command
      .createHelp()
      .visibleOptions(command)
      .map((option) => ({
        flags: [option.short, option.long].filter((flag) => flag != null),
        summary: option.description,
        takesValue: option.required || option.optional,
        values: option.argChoices ?? [],
      })),
    argument: { values: argument?.argChoices ?? [], isFile: argument?.name() === "file" },
  };
}

// Everything between single quotes is literal, in all three shells.
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const words = (list: readonly string[]): string => quoted(list.join(" "));

function bash(commands: readonly Completable[]): string {
  const values = commands.flatMap(({ name, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ flags, values }) => {
        const patterns = flags.map((flag) => quoted(`${name} ${flag}`));
        return `    ${patterns.join(" | ")}) words=${words(values)} ;;`;
      }),
  );
  const flags = commands.map(
    ({ name, options }) =>
      `    ${quoted(`${name} -`)}*) words=${words(options.flatMap(({ flags }) => flags))} ;;`,
  );
  const args = commands.map(({ name, argument }) =>
    argument.isFile
      ? `    ${quoted(`${name} `)}*) COMPREPLY=($(compgen -f -- "$current")); return ;;`
      : `    ${quoted(`${name} `)}*) words=${words(argument.values)} ;;`,
  );
  return `# bash completion for webhooks
_webhooks() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]} words=''
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W ${words(commands.map(({ name }) => name))} -- "$current"))
    return
  fi
  case "$command $previous" in
${values.join("\n")}
    *) case "$command $current" in
${[...flags, ...args].join("\n")}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _webhooks webhooks
`;
}

function zsh(commands: readonly Completable[]): string {
  // In _arguments a colon ends a field, and brackets hold the description.
  const described = (text: string) => text.replace(/[\\:[\]]/g, "\\$&");
  const list = commands.map(({ name, summary }) => `    ${quoted(`${name}:${described(summary)}`)}`);
  const cases = commands.map(({ name, options, argument }) => {
    const specs = options.flatMap(({ flags, summary, takesValue, values }) =>
      flags.map((flag) => {
        const value = takesValue ? `:value:${values.length > 0 ? `(${values.join(" ")})` : ""}` : "";
        return quoted(`${flag}[${described(summary)}]${value}`);
      }),
    );
    if (argument.isFile) specs.push(quoted("1:file:_files"));
    else if (argument.values.length > 0) specs.push(quoted(`1:value:(${argument.values.join(" ")})`));
    return `    ${name}) _arguments ${specs.join(" ")} ;;`;
  });
  return `#compdef webhooks
# zsh completion for webhooks
_webhooks() {
  local -a commands
  commands=(
${list.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _webhooks webhooks
`;
}

function fish(commands: readonly Completable[]): string {
  // Fish keeps a backslash in single quotes, but for quotes and backslashes themselves.
  const literal = (text: string) => `'${text.replace(/[\\']/g, "\\$&")}'`;
  const lines = commands.flatMap(({ name, summary, options, argument }) => {
    const within = `complete -c webhooks -n ${literal(`__fish_seen_subcommand_from ${name}`)}`;
    return [
      `complete -c webhooks -n __fish_use_subcommand -a ${name} -d ${literal(summary)}`,
      ...options.map(({ flags, summary, takesValue, values }) => {
        const names = flags.map((flag) =>
          flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
        );
        const value = takesValue ? ` -x${values.length > 0 ? ` -a ${literal(values.join(" "))}` : ""}` : "";
        return `${within} ${names.join(" ")}${value} -d ${literal(summary)}`;
      }),
      ...(argument.values.length > 0 ? [`${within} -a ${literal(argument.values.join(" "))}`] : []),
      ...(argument.isFile ? [`${within} -F`] : []),
    ];
  });
  return `# fish completion for webhooks\ncomplete -c webhooks -f\n${lines.join("\n")}\n`;
}
