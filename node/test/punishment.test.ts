/** Downtime and double signatures through the real application: votes and evidence as CometBFT brings them, restarts in between. */
import { addressToBytes, bytesToAddress, consensusPrefix, validatorPrefix } from "@interfirm/modules/kernel/address";
import type { Coin } from "@interfirm/modules/kernel/coins";
import { nsToTimestamp } from "@interfirm/modules/kernel/time";
import { PubKey } from "@interfirm/proto/gen/cosmos/crypto/ed25519";
import { Query as EvidenceQuery, MsgSubmitEvidence } from "@interfirm/proto/gen/cosmos/evidence/v1beta1";
import { MsgUnjail, Query as SlashingQuery } from "@interfirm/proto/gen/cosmos/slashing/v1beta1";
import { MsgCreateValidator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import { BlockIDFlag } from "@interfirm/proto/gen/tendermint/types";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sha256 } from "../crypto/verify.ts";
import { message } from "./accounts.ts";
import { GENESIS_TIME, TestChain } from "./chain.ts";

const GAS = 600_000n;
const ufirm = (amount: bigint): Coin => ({ denom: "ufirm", amount });
const NAMES = ["alice", "bob", "carol"] as const;
type Name = (typeof NAMES)[number];
const keyOf = (name: Name): Uint8Array => sha256(new TextEncoder().encode(`key of ${name}`));
const consensusOf = (name: Name): Uint8Array => sha256(keyOf(name)).subarray(0, 20);
const nameOf = (key: Uint8Array | undefined): Name | undefined =>
  NAMES.find((name) => Buffer.from(keyOf(name)).equals(key ?? new Uint8Array(0)));

let chain: TestChain;
/** Power of each validator that votes on a height. */
let sets: Map<bigint, ReadonlyMap<Name, bigint>>;

interface Content {
  readonly txs?: readonly Uint8Array[];
  readonly absent?: readonly Name[];
  readonly misbehavior?: readonly { readonly name: Name; readonly height: bigint; readonly power: bigint }[];
}

/** The next block. Returns what came of its transactions. */
async function block({ txs = [], absent = [], misbehavior = [] }: Content = {}): Promise<readonly string[]> {
  const none: ReadonlyMap<Name, bigint> = new Map();
  const votes = [...(sets.get(chain.height) ?? none)].map(([name, power]) => ({
    validator: { address: consensusOf(name), power },
    blockIdFlag: absent.includes(name) ? BlockIDFlag.BLOCK_ID_FLAG_ABSENT : BlockIDFlag.BLOCK_ID_FLAG_COMMIT,
  }));
  const request: abci.RequestFinalizeBlock = {
    ...chain.request(txs),
    decidedLastCommit: { round: 0, votes },
    misbehavior: misbehavior.map(({ name, height, power }) => ({
      type: abci.MisbehaviorType.DUPLICATE_VOTE,
      validator: { address: consensusOf(name), power },
      height,
      time: nsToTimestamp(GENESIS_TIME + height * 1_000_000_000n),
      totalVotingPower: 60n,
    })),
  };
  const response = await chain.app.handlers.finalizeBlock(request);
  chain.height++;
  await chain.app.handlers.commit({});
  const next = new Map(sets.get(chain.height + 1n) ?? none);
  for (const { pubKey, power } of response.validatorUpdates) {
    const name = nameOf(pubKey?.ed25519);
    if (name === undefined) continue;
    if (power === 0n) next.delete(name);
    else next.set(name, power);
  }
  sets.set(chain.height + 2n, next);
  return response.txResults.map(({ codespace, code }) => `${codespace}/${code}`);
}

const operatorOf = (name: Name): string =>
  bytesToAddress(addressToBytes(chain.address(name), "firm"), validatorPrefix("firm"));

const tx = (name: Name, content: ReturnType<typeof message>) => chain.tx(name, [content], { gas: GAS });
const unjail = (name: Name, of: Name = name) => tx(name, message(MsgUnjail, { validatorAddr: operatorOf(of) }));
const power = (name: Name): bigint | undefined => sets.get(chain.height + 2n)?.get(name);

async function info(name: Name) {
  const consAddress = bytesToAddress(consensusOf(name), consensusPrefix("firm"));
  const { signingInfo } = SlashingQuery.methods;
  return (await chain.query("cosmos.slashing.v1beta1.Query", signingInfo, { consAddress })).valSigningInfo;
}

beforeEach(async () => {
  sets = new Map();
  chain = await TestChain.start({
    accounts: Object.fromEntries(NAMES.map((name) => [name, [ufirm(1_000_000_000n)]])),
    invariantPeriod: 1n,
    appState: {
      slashing: {
        params: {
          signed_blocks_window: "10",
          min_signed_per_window: "0.5",
          downtime_jail_duration: "60s",
          slash_fraction_double_sign: "0.05",
          slash_fraction_downtime: "0.01",
        },
        signing_infos: [],
        missed_blocks: [],
      },
    },
  });
  const create = (name: Name) =>
    message(MsgCreateValidator, {
      description: { moniker: name },
      commission: { rate: 10n ** 17n, maxRate: 10n ** 18n, maxChangeRate: 10n ** 16n },
      minSelfDelegation: 1n,
      validatorAddress: operatorOf(name),
      pubkey: { typeUrl: PubKey.typeUrl, value: PubKey.encode({ key: keyOf(name) }).finish() },
      value: ufirm(20_000_000n),
    });
  const created = await block({ txs: NAMES.map((name) => tx(name, create(name))) });
  expect(created).toEqual(["/0", "/0", "/0"]);
});

afterEach(() => chain.close());

it("downtime jails a validator, and its operator takes it out of jail in time, over restarts", async () => {
  while (power("bob") !== undefined) await block({ absent: ["bob"] });
  // Bonded at height 1, and for longer than the window of 10.
  expect(chain.height).toBe(12n);
  await chain.reopen();
  expect(await block({ txs: [unjail("bob"), unjail("alice")] })).toEqual(["slashing/4", "slashing/5"]);
  while (chain.height < 70n) await block();
  await chain.reopen();
  expect(await block({ txs: [unjail("bob")] })).toEqual(["slashing/4"]);
  expect(await block({ txs: [unjail("bob")] })).toEqual(["/0"]);
  expect(power("bob")).toBe(19n);
  for (let i = 0; i < 3; i++) await block();
  expect(await info("bob")).toMatchObject({ startHeight: 72n, indexOffset: 1n, missedBlocksCounter: 0n });
});

it("a double signature ends a validator, once", async () => {
  for (let i = 0; i < 6; i++) await block();
  const piece = { name: "carol", height: 5n, power: 20n } as const;
  await block({ misbehavior: [piece, piece] });
  expect([power("alice"), power("bob"), power("carol")]).toEqual([20n, 20n, undefined]);
  await chain.reopen();
  await block({ misbehavior: [piece, { ...piece, height: 6n }] });
  expect(await info("carol")).toMatchObject({ tombstoned: true, jailedUntil: { seconds: 253_402_300_799n } });
  const { allEvidence } = EvidenceQuery.methods;
  const { evidence } = await chain.query("cosmos.evidence.v1beta1.Query", allEvidence, {});
  expect(evidence).toHaveLength(1);
  const submit = tx("carol", message(MsgSubmitEvidence, { submitter: chain.address("carol"), evidence: evidence[0]! }));
  expect(await block({ txs: [submit, unjail("carol")] })).toEqual(["evidence/5", "slashing/4"]);
});

it("nobody takes the validator of another out of jail", async () => {
  while (power("bob") !== undefined) await block({ absent: ["bob"] });
  while (chain.height < 75n) await block();
  expect(await block({ txs: [unjail("alice", "bob")] })).toEqual(["sdk/8"]);
  expect(power("bob")).toBeUndefined();
});
