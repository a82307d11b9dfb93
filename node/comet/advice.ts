/** What an operator can do about the errors with which CometBFT v0.38 ends, by words that are in them. */
const NEXT_STEPS: readonly (readonly [words: RegExp, step: string])[] = [
  [
    /Did you reset CometBFT without resetting|app block height \(\d+\) is higher than core/,
    "CometBFT's data and the application's are not of one node: bring all of data/ back from one copy, or begin anew with interfirmd comet reset-state",
  ],
  [
    /StoreBlockHeight \(\d+\) > StateBlockHeight \+ 1/,
    "run interfirmd comet reset-state: the blocks come again from the peers",
  ],
  [
    /app block height \(\d+\) is too far below block store base/,
    "the blocks in between are pruned: restore a later snapshot with interfirmd snapshots restore, or begin anew by state sync",
  ],
  [
    /wrong Block\.Header\.(AppHash|LastResultsHash)/,
    "run the build that the other validators run, after interfirmd rollback",
  ],
  [
    /expected header's hash [0-9A-F]+, but got/,
    "statesync.trust_hash of config.toml is not of statesync.trust_height: ask a node that you trust for both",
  ],
  [/no space left on device/, "make room on the disk and start again: what was committed is there"],
  [/read-only file system|permission denied/, "let this user write to the home, and start again"],
  [/too many open files/, "raise the limit of open files (ulimit -n, LimitNOFILE) and start again"],
  [/address already in use/, "end what listens there, or give --rpc.laddr and --p2p.laddr other addresses"],
  [/resource temporarily unavailable/, "another cometbft works on these data: end it first"],
];

/** The next step for what CometBFT said, or undefined. */
export const nextStepFor = (said: string): string | undefined => NEXT_STEPS.find(([words]) => words.test(said))?.[1];
