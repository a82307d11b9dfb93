/** A small application that starts CometBFT and waits to be killed. Arguments: binary, home, last flag. */
import { silentLogger } from "../../abci/testing/silent-logger.ts";
import { startComet } from "../process.ts";

const [binary = "", home = "", flag = ""] = process.argv.slice(2);
const comet = await startComet({ binary, home, proxyApp: "unix:///nowhere", flags: [flag], logger: silentLogger });
process.stdout.write(`${comet.pid}\n`);
setInterval(() => {}, 1_000);
