import { readFileSync } from "node:fs";
import { MsgSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { allTypes } from "@interfirm/proto/gen/index";
import { createRegistry } from "@interfirm/proto/registry";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { describe, expect, it } from "vitest";
import { bank } from "../bank/module.ts";
import { msgs } from "../bank/services.ts";
import { bytesToAddress } from "../kernel/address.ts";
import { fromHex } from "../kernel/bytes.ts";
import { createWorld } from "../kernel/testing.ts";
import { createAnte } from "./ante.ts";
import { auth } from "./module.ts";
import { addressBytes, type PubKey, pubKeyToAny } from "./pubkey.ts";
import { testVerifier } from "./testing.ts";
import { createTxDecoder } from "./tx.ts";

interface Measured {
  readonly name: string;
  /** After the ante, and after the message too. */
  readonly ante: number;
  readonly total: number;
  readonly tx: string;
}

/** Measured with Cosmos SDK 0.53.8: its x/auth and x/bank over the state that `setup` makes. */
const measured: readonly Measured[] = JSON.parse(
  readFileSync(new URL("testdata/sdk-gas.json", import.meta.url), "utf8"),
);

const decode = createTxDecoder({
  messages: new Map([[MsgSend.typeUrl, MsgSend]]),
  registry: createRegistry(allTypes),
});

/** Accounts of the keys 1 and 2, of which only 2 is known; 10⁹ ufirm each. */
function setup() {
  const accounts = auth({ moduleAccounts: { fee_collector: [], mint: ["minter"] } });
  const money = bank({ accounts: accounts.keeper, blockedModules: [] });
  const world = createWorld([accounts, money], { height: 10n, chainId: "gas-1", addressPrefix: "cosmos" });
  world.init();
  world.tx((ctx) => {
    accounts.keeper.openModuleAccount(ctx, "mint");
    for (const secret of [1, 2]) {
      const pubKey: PubKey = { type: "secp256k1", key: secp256k1.getPublicKey(new Uint8Array(32).fill(secret, 31)) };
      const address = bytesToAddress(addressBytes(pubKey), "cosmos");
      accounts.keeper.create(ctx, address);
      const account = accounts.keeper.get(ctx, address)!;
      if (secret === 2) accounts.keeper.set(ctx, accounts.keeper.update(account, { pubKey: pubKeyToAny(pubKey) }));
      money.keeper.mint(ctx, "mint", [{ denom: "ufirm", amount: 1_000_000_000n }]);
      money.keeper.sendFromModule(ctx, "mint", address, [{ denom: "ufirm", amount: 1_000_000_000n }]);
    }
    money.keeper.mint(ctx, "mint", [{ denom: "ufirm", amount: 5n }]);
    money.keeper.sendBetweenModules(ctx, "mint", "fee_collector", [{ denom: "ufirm", amount: 5n }]);
  });
  const ante = createAnte({
    accounts: accounts.keeper,
    bank: money.keeper,
    verifier: testVerifier,
  });
  return { world, ante, send: msgs(money.keeper).send };
}

describe("gas", () => {
  it.each(measured)("of the SDK 0.53.8: $name", ({ name, ante: anteGas, total, tx: hex }) => {
    const { world, ante, send } = setup();
    const mode = name.startsWith("simulate") ? "simulate" : "deliver";
    world.tx((ctx) => {
      const tx = decode(fromHex(hex));
      ante(ctx, tx, { mode, minGasPrices: [] });
      expect(ctx.gas.used).toBe(anteGas);
      send(ctx, tx.messages[0]!.value as MsgSend);
      expect(ctx.gas.used).toBe(total);
    });
  });
});
