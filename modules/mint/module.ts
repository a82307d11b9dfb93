import { GenesisState, Msg, Query } from "@interfirm/proto/gen/cosmos/mint/v1beta1";
import type { QueryCtx } from "../kernel/context.ts";
import { format } from "../kernel/decimal.ts";
import { ChainError } from "../kernel/errors.ts";
import { defineModule, type Genesis, serve } from "../kernel/module.ts";
import { fail } from "./errors.ts";
import { createKeeper, type Keeper, MINT, type MintDeps } from "./keeper.ts";
import { checkParams, DEFAULT_INFLATION, DEFAULT_PARAMS } from "./params.ts";
import { msgs, queries } from "./services.ts";
import { STORE_KEY, state } from "./state.ts";

const genesis = ({ accounts }: MintDeps, keeper: Keeper): Genesis<GenesisState> => ({
  type: GenesisState,
  empty: { minter: { inflation: DEFAULT_INFLATION, annualProvisions: 0n }, params: DEFAULT_PARAMS },

  validate({ minter, params }) {
    checkParams(params);
    for (const [name, value] of [
      ["inflation", minter.inflation],
      ["annual provisions", minter.annualProvisions],
    ] as const) {
      if (value < 0n) throw fail.badGenesis(`${name} is ${format(value)}, want 0 or more`);
    }
  },

  init(ctx, { minter, params }) {
    state.minter.set(ctx, minter);
    state.params.set(ctx, params);
    accounts.openModuleAccount(ctx, MINT);
  },

  export: (ctx) => ({ minter: keeper.minter(ctx), params: keeper.params(ctx) }),
});

/** Parameters are sound, and inflation is not negative. */
const sound =
  (keeper: Keeper) =>
  (ctx: QueryCtx): string | undefined => {
    try {
      checkParams(keeper.params(ctx));
    } catch (error) {
      if (error instanceof ChainError) return error.message;
      throw error;
    }
    const { inflation } = keeper.minter(ctx);
    return inflation < 0n ? `inflation is ${format(inflation)}, want 0 or more` : undefined;
  };

/** New coins: how many are minted for every block. */
export function mint(deps: MintDeps) {
  const keeper = createKeeper(deps);
  return defineModule({
    name: MINT,
    storeKey: STORE_KEY,
    version: 1,
    keeper,
    msgs: [serve(Msg, msgs(keeper))],
    queries: [serve(Query, queries(keeper))],
    genesis: genesis(deps, keeper),
    invariants: { sound: sound(keeper) },
    beginBlock: keeper.beginBlock,
  });
}
