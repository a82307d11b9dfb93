import { defineErrors } from "../kernel/errors.ts";

/** What happened, then the SDK's own words, which wallets and explorers search for. */
const because = (why: string, root: string): string => `${why}: ${root}`;

/** Codes are consensus. Up to 5 they are those of the SDK's x/evidence, from 100 on ours: append only. Messages are free to improve. */
export const fail = defineErrors("evidence", {
  noHandler: [2, (route: string) => because(route, "unregistered handler for evidence type")],
  invalid: [3, (why: string) => because(why, "invalid evidence")],
  exists: [5, (hash: string) => because(hash, "evidence already exists")],
  badGenesis: [100, (why: string) => `genesis: ${why}`],
});
