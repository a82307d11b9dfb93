/** A small application that starts CometBFT and waits to be killed. Arguments: binary, home, last flag. */
import { startComet } from "../process.ts";
import { recordingLogger } from "./fake-comet.ts";

const [binary = "", home = "", flag = ""] = process.argv.slice(2);
const logger = recordingLogger();
const comet = await startComet({ binary, home, proxyApp: "unix:///nowhere", flags: [flag], logger });
// By then it has decided what it does on SIGTERM.
await logger.until("a panic");
process.stdout.write(`${comet.pid}\n`);
setInterval(() => {}, 1_000);
