import { availableParallelism } from "node:os";

/** Fewer processors than this starve the goroutine that sends to the application. */
const PROCESSORS_MIN = 8;

/** Share by which Go's heap may grow between two collections, in per cent. Go's default is 100. */
const HEAP_GROWTH = 400;

/**
 * What the Go runtime of CometBFT is told. An operator's own `GOMAXPROCS` and `GOGC` in `env` win.
 *
 * CometBFT 0.38 gives the flush timer of its ABCI client 20 *nano*seconds (`flushThrottleMS` in
 * abci/client/socket_client.go), and `libs/timer/throttle_timer.go` re-arms it until the goroutine that sends takes the
 * event. Each goroutine that the timer makes jumps the queue of its processor, so with one or two processors the sender
 * starves while the timer spins. More of Go's processors than the machine has cost nothing: they are only queues.
 * The heap is small, 50 to 200 MB, and a transaction leaves much garbage. Figures: bench/RESULTS.md.
 */
export function goRuntime(env: NodeJS.ProcessEnv): Readonly<Record<"GOMAXPROCS" | "GOGC", string>> {
  return {
    GOMAXPROCS: env["GOMAXPROCS"] || String(Math.max(PROCESSORS_MIN, availableParallelism())),
    GOGC: env["GOGC"] || String(HEAP_GROWTH),
  };
}
