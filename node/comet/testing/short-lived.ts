/** An application that is killed in the moment in which it starts CometBFT. Arguments: binary, home, last flag. */
import { spawnComet } from "../child.ts";

const [binary = "", home = "", flag = ""] = process.argv.slice(2);
void spawnComet({ binary, home, args: ["start", flag], onLine: () => {} });
process.kill(process.pid, "SIGKILL");
