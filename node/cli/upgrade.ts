import { checkBinaries } from "./binaries.ts";
import { ExitCode } from "./command.ts";
import type { Register } from "./program.ts";

/** By which cosmovisor knows that there is nothing to do before an upgrade. Source: cosmovisor v1 README, "Pre-Upgrade". */
const NOT_IMPLEMENTED = 1;

export const register: Register = (program, run) => {
  program
    .command("pre-upgrade")
    .description("nothing, which exit code 1 says to cosmovisor: the new build migrates in the block of the plan")
    .action(
      run(() => {
        throw new ExitCode(NOT_IMPLEMENTED);
      }),
    );
  program
    .command("upgrade")
    .description("look at what a plan says of its builds")
    .command("verify <info>")
    .description("check the info of a plan: an address and a checksum for each platform; nothing is downloaded")
    .action(
      run(({ answer }, info: string = "") => {
        const binaries = checkBinaries(info);
        answer({ binaries }, () => binaries.map(({ platform, url }) => `${platform}: ${url}`).join("\n"));
      }),
    );
};
