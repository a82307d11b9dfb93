/** `interfirmd completion`: scripts for shells, which ask `interfirmd __complete <words>` what may come next. */
import type { Command } from "commander";
import { takesNext, wordsOf } from "./flags.ts";
import type { Register } from "./program.ts";

interface Candidate {
  readonly text: string;
  readonly description: string;
}

/** Flags that take one of a few words. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  "--output": ["text", "json"],
  "--keyring-backend": ["file", "test", "memory"],
  "--broadcast-mode": ["sync", "async"],
  "--sign-mode": ["direct", "amino-json"],
  "--log_format": ["plain", "json"],
  "--log_level": ["debug", "info", "warn", "error", "none"],
  "--pruning": ["default", "nothing", "everything", "custom"],
  "--bech": ["acc", "val", "cons"],
};

/** What the last of the words may become; nothing where only the caller can know, such as for a file. */
export function candidates(program: Command, words: readonly string[]): readonly Candidate[] {
  const typed = words.at(-1) ?? "";
  const before = [...wordsOf(program, words.slice(0, -1))];
  const last = before.at(-1);
  const matching = (all: readonly Candidate[]) => all.filter(({ text }) => text.startsWith(typed));
  if (last?.kind === "flag" && last.option && takesNext(last.option, last.text)) {
    return matching((VALUES[last.option.long ?? ""] ?? []).map((text) => ({ text, description: "" })));
  }
  const command = last?.command ?? program;
  return matching(typed.startsWith("-") ? flagsOf(command) : subCommandsOf(command));
}

const subCommandsOf = (command: Command): readonly Candidate[] =>
  command.commands.map((sub) => ({ text: sub.name(), description: sub.description() }));

const flagsOf = (command: Command): readonly Candidate[] => [
  ...command.options.map(({ long, description }) => ({ text: long ?? "", description })),
  { text: "--help", description: "display help for command" },
];

/** One candidate a line, its description after a tab. */
export const candidateLines = (found: readonly Candidate[]): string =>
  found.map(({ text, description }) => `${text}\t${description.replaceAll(/\s+/g, " ")}`).join("\n");

// `eval` lets an alias named interfirmd do. Where nothing is offered, the shell offers files.
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# bash completion of interfirmd. For this shell: source <(interfirmd completion bash)
# For all: interfirmd completion bash > /etc/bash_completion.d/interfirmd
_interfirmd() {
  local words=() word line
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    [ "$word" = "=" ] || words+=("$word")
  done
  COMPREPLY=()
  while IFS= read -r line; do
    [ -z "$line" ] || COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(eval "\${COMP_WORDS[0]} __complete $(printf '%q ' "\${words[@]}")" 2>/dev/null)
}
complete -o default -F _interfirmd interfirmd`,
  zsh: `#compdef interfirmd
# zsh completion of interfirmd. For this shell: source <(interfirmd completion zsh)
# For all: interfirmd completion zsh > "\${fpath[1]}/_interfirmd"
_interfirmd() {
  local -a found
  local line
  for line in "\${(@f)$(eval "\${words[1]} __complete \${(@q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z "$line" ]] || found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#found} )); then
    _describe interfirmd found
  else
    _files
  fi
}
if [ "\${funcstack[1]}" = "_interfirmd" ]; then
  _interfirmd
else
  compdef _interfirmd interfirmd
fi`,
  fish: `# fish completion of interfirmd. For this shell: interfirmd completion fish | source
# For all: interfirmd completion fish > ~/.config/fish/completions/interfirmd.fish
function __interfirmd_candidates
  set -l words (commandline -opc)
  set -l typed (commandline -ct)
  set -l found ($words[1] __complete $words[2..-1] "$typed" 2>/dev/null)
  if test -n "$found[1]"
    printf '%s\\n' $found
  else
    __fish_complete_path "$typed"
  end
end
complete -c interfirmd -f -k -a '(__interfirmd_candidates)'`,
};

export const register: Register = (program, run) => {
  const completion = program.command("completion").description("print what makes a shell complete commands");
  for (const [shell, script] of Object.entries(SCRIPTS)) {
    completion
      .command(shell)
      .description(`script for ${shell}; its first lines say where it goes`)
      .action(run(({ io }) => io.out(script)));
  }
};
