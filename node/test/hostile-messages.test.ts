/**
 * Messages of every type with hostile values on the real application: as they are, carried by authorised accounts and executed
 * by proposals that pass, also with whatever parameters governance may have been talked into. Every one gets a typed answer,
 * every invariant holds after every block, and what CometBFT is told would not stop it.
 */
import { addressToBytes, bytesToAddress, moduleAddress, validatorPrefix } from "@interfirm/modules/kernel/address";
import { nsToTimestamp } from "@interfirm/modules/kernel/time";
import { Query as AuthQuery } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { MsgExec } from "@interfirm/proto/gen/cosmos/authz/v1beta1";
import { Query as ConsensusQuery } from "@interfirm/proto/gen/cosmos/consensus/v1";
import { PubKey } from "@interfirm/proto/gen/cosmos/crypto/ed25519";
import { Query as GovQuery, MsgSubmitProposal, MsgVote, ProposalStatus } from "@interfirm/proto/gen/cosmos/gov/v1";
import { MsgCreateValidator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { ResponseFinalizeBlock } from "@interfirm/proto/gen/tendermint/abci";
import type { MessageType, Method } from "@interfirm/proto/types";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createRandom } from "../simulate/random.ts";
import { type AnyMessage, account, message } from "./accounts.ts";
import { GENESIS_TIME, realModules, TestChain } from "./chain.ts";
import { createNasty } from "./nasty.ts";

type AnyType = MessageType<unknown>;

const PEOPLE = ["alice", "bob", "carol", "dave", "erin"];
const VALIDATORS = ["alice", "bob", "carol"];
const GOV = moduleAddress("gov", "firm");
const { modules } = realModules();
const services = modules.flatMap(({ msgs = [] }) => msgs.map(({ type }) => type));
const methods = services.flatMap(({ typeName, methods: all }) =>
  Object.values(all).map(({ name, input }) => ({ service: typeName, name, input: input as AnyType })),
);
const types = methods.map(({ input }) => input);
const updates = methods.filter(({ name }) => name === "UpdateParams");
const MAX_BLOCK_BYTES = 104_857_600n;
const GAS = 900_000n;
const coin = (amount: bigint) => ({ denom: "ufirm", amount });
const operatorOf = (address: string): string =>
  bytesToAddress(addressToBytes(address, "firm"), validatorPrefix("firm"));

/** What must hold of a block's answer, whatever was in it. */
function checkAnswer({ txResults, validatorUpdates, consensusParamUpdates }: ResponseFinalizeBlock): void {
  expect(txResults.filter(({ codespace }) => codespace === "internal").map(({ log }) => log)).toEqual([]);
  expect(validatorUpdates.every(({ power }) => power >= 0n)).toBe(true);
  if (!consensusParamUpdates) return;
  const { block, evidence, validator } = consensusParamUpdates;
  const room = block!.maxBytes === -1n ? MAX_BLOCK_BYTES : block!.maxBytes;
  expect(room > 0n && room <= MAX_BLOCK_BYTES && block!.maxGas >= -1n).toBe(true);
  expect(evidence!.maxBytes >= 0n && evidence!.maxBytes <= room && evidence!.maxAgeNumBlocks > 0n).toBe(true);
  expect(validator!.pubKeyTypes).toContain("ed25519");
}

async function open(seed: number) {
  const random = createRandom(seed);
  const rich = [coin(10n ** 15n), { denom: "uusd", amount: 10n ** 12n }];
  const chain = await TestChain.start({
    accounts: Object.fromEntries(PEOPLE.map((name) => [name, rich])),
    appState: {
      gov: {
        starting_proposal_id: "1",
        params: {
          min_deposit: [{ denom: "ufirm", amount: "1000" }],
          expedited_min_deposit: [{ denom: "ufirm", amount: "50000" }],
          max_deposit_period: "10s",
          voting_period: "5s",
          expedited_voting_period: "2s",
          quorum: "0.334",
          threshold: "0.5",
          expedited_threshold: "0.667",
          veto_threshold: "0.334",
          min_initial_deposit_ratio: "0",
          proposal_cancel_ratio: "0.5",
          min_deposit_ratio: "0.01",
        },
      },
    },
    invariantPeriod: 1n,
  });
  let time = GENESIS_TIME;
  async function block(txs: readonly Uint8Array[] = [], seconds = 1n): Promise<ResponseFinalizeBlock> {
    time += seconds * 1_000_000_000n;
    const response = await chain.app.handlers.finalizeBlock({ ...chain.request(txs), time: nsToTimestamp(time) });
    chain.height++;
    await chain.app.handlers.commit({});
    checkAnswer(response);
    return response;
  }
  async function tx(name: string, messages: readonly AnyMessage[], gas = GAS): Promise<Uint8Array> {
    const request = { address: chain.address(name) };
    const { info } = await chain.query(AuthQuery.typeName, AuthQuery.methods.accountInfo, request);
    return chain.tx(name, messages, { gas, sequence: info!.sequence });
  }
  await block();
  const found = await Promise.all(
    VALIDATORS.map((name, index) =>
      tx(name, [
        message(MsgCreateValidator, {
          description: { moniker: name },
          commission: { rate: 10n ** 17n, maxRate: 2n * 10n ** 17n, maxChangeRate: 10n ** 16n },
          minSelfDelegation: 1n,
          validatorAddress: operatorOf(chain.address(name)),
          pubkey: message(PubKey, { key: new Uint8Array(32).fill(31 + index) }),
          value: coin(index === 0 ? 500_000_000_000n : 20_000_000n),
        }),
      ]),
    ),
  );
  expect((await block(found)).txResults.map(({ code }) => code)).toEqual(VALIDATORS.map(() => 0));
  const addresses = PEOPLE.map((name) => chain.address(name));
  const nasty = createNasty(random, {
    accounts: [...addresses, GOV, moduleAddress("distribution", "firm"), account("nobody").address],
    operators: addresses.map(operatorOf),
    denoms: ["ufirm", "uusd", "other", "u"],
    types,
  });
  const pending = () =>
    chain.query(GovQuery.typeName, GovQuery.methods.proposals, {
      proposalStatus: ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD,
    });
  const govParams = async () => (await chain.query(GovQuery.typeName, GovQuery.methods.params, {})).params!;

  return {
    random,
    nasty,
    chain,
    block,
    tx,

    /** Has the messages executed by a proposal each; alice's stake alone decides. Returns how many passed, whatever became of them. */
    async decide(list: readonly AnyMessage[]): Promise<number> {
      const { minDeposit, votingPeriod } = await govParams();
      const draft = { proposer: chain.address("alice"), title: "t", summary: "s", metadata: "m" };
      for (const one of list) {
        const submit = message(MsgSubmitProposal, { ...draft, messages: [one], initialDeposit: minDeposit });
        await block([await tx("alice", [submit])], 0n);
      }
      const { proposals } = await pending();
      const vote = { voter: chain.address("alice"), option: 1, metadata: "" };
      for (const { id } of proposals)
        await block([await tx("alice", [message(MsgVote, { proposalId: id, ...vote })])], 0n);
      const seconds = BigInt(votingPeriod!.seconds) + 2n;
      await block([], seconds);
      for (let i = 0; i < 2; i++) await block();
      return proposals.length;
    },
  };
}

/** Plays one seed; the chain is closed whatever happens. */
async function play(seed: number, act: (setup: Awaited<ReturnType<typeof open>>) => Promise<void>): Promise<void> {
  const setup = await open(seed);
  try {
    await act(setup);
  } finally {
    await setup.chain.close();
  }
}

it("messages of every type are answered, alone and carried by others", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), (seed) =>
      play(seed, async ({ random, nasty, chain, block, tx }) => {
        for (let round = 0; round < 40; round++) {
          const txs: Uint8Array[] = [];
          for (const name of PEOPLE) {
            const address = chain.address(name);
            const list = Array.from({ length: random.between(1, 3) }, () => nasty.message(random.pick(types), address));
            const carried = message(MsgExec, { grantee: address, msgs: list });
            txs.push(await tx(name, random.chance(70) ? list : [carried]));
          }
          await block(txs, BigInt(random.pick([0, 1, 6, 3000])));
        }
      }),
    ),
    { numRuns: 2 },
  );
});

it("messages of every type are executed by proposals that pass", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), (seed) =>
      play(seed, async ({ random, nasty, decide }) => {
        let passed = 0;
        for (let round = 0; round < 6; round++) {
          const list = Array.from({ length: 8 }, () => {
            const one = nasty.message(random.pick(types), GOV);
            return random.chance(80) ? one : message(MsgExec, { grantee: GOV, msgs: [one] });
          });
          passed += await decide(list);
        }
        expect(passed).toBeGreaterThan(10);
      }),
    ),
    { numRuns: 1 },
  );
});

it("no parameters that pass stop the chain or lock governance out", async () => {
  const current = async (chain: TestChain, service: string): Promise<Record<string, unknown>> => {
    const name = service.replace(/Msg$/, "Query");
    const queries = modules.flatMap(({ queries: all = [] }) => all).find(({ type }) => type.typeName === name)!.type;
    const method = queries.methods["params"] as Method<unknown, { readonly params: Record<string, unknown> }>;
    return (await chain.query(name, method, {})).params;
  };
  await fc.assert(
    fc.asyncProperty(fc.integer(), (seed) =>
      play(seed, async ({ random, nasty, chain, decide }) => {
        for (let round = 0; round < 8; round++) {
          const list: AnyMessage[] = [];
          for (let i = 0; i < 6; i++) {
            const { service, input } = random.pick(updates);
            const params = await current(chain, service);
            const field = input.fields.find(({ name }) => name === "params");
            const isConsensus = service.startsWith(ConsensusQuery.typeName.replace(/Query$/, ""));
            const value = isConsensus
              ? nasty.mutated(input, { authority: GOV, ...params })
              : { authority: GOV, params: nasty.mutated(field!.message!(), params) };
            list.push({ typeUrl: input.typeUrl, value: nasty.encoded(input, { ...value, authority: GOV }) });
          }
          expect(await decide(list)).toBeGreaterThan(0);
        }
      }),
    ),
    { numRuns: 1 },
  );
});
