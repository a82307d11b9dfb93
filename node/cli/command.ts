/** Commands as people know them from Cobra: a group alone shows what it has, and an error says where to look. */
import { Command } from "commander";

/** Ends a command with an exit code, when all there is to say has been said. */
export class ExitCode extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit code ${code}`);
    this.code = code;
  }
}

export class CliCommand extends Command {
  override createCommand(name?: string): Command {
    return new CliCommand(name);
  }

  /** Called for a group without a sub-command. */
  override help(): never {
    this.outputHelp();
    throw new ExitCode(0);
  }

  /** Called for words and flags that make no call. */
  override error(message: string): never {
    const clause = message
      .replace(/^error: /, "")
      .replace(/\n\(Did you mean (.*)\?\)$/s, " (did you mean $1?)")
      .replace(/\.$/, "");
    throw new Error(`${clause}: see ${pathOf(this)} --help`);
  }
}

/** `interfirmd tx bank send` */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
