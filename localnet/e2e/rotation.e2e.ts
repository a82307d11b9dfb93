import { copyFileSync } from "node:fs";
import type { SigningClient } from "@interfirm/client/client";
import { cometAddress, type Ed25519Key, readPrivateKey } from "@interfirm/node/config/comet-keys";
import { homeAt } from "@interfirm/node/config/home";
import { interfirmd } from "../homes.ts";
import type { NetworkNode } from "../network.ts";
import { until } from "../wait.ts";
import { outcomeOf, sendAs } from "./commands.ts";
import { reportDoubleVote } from "./double-vote.ts";
import type { Scenario } from "./scenario.ts";
import {
  clientOf,
  expectEqual,
  expectRefused,
  how,
  isBonded,
  operatorOf,
  signingInfos,
  UNIT,
  untilValidator,
  validatorOf,
} from "./stakeholders.ts";

const STAKE = 10n * UNIT;
const RECOVERY_MS = 60_000;

/** Blocks, at least, that the validator misses before it changes its key. */
const MISSED = 3n;

/** From the message to the first block of the new key: CometBFT takes a change of the set two blocks later. */
const KEY_DELAY = 2n;

/** Flag of a precommit for the block. */
const FOR_BLOCK = 2;

interface ConsensusKey {
  /** `firmvalcons1…` */
  readonly address: string;
  /** As `comet show-validator` prints it. */
  readonly pubkey: string;
  readonly pair: Ed25519Key;
  /** Upper-case hex. */
  readonly hex: string;
}

/** What the operator's own command line says of the key in a home. */
async function keyIn(home: string): Promise<ConsensusKey> {
  const pair = readPrivateKey(homeAt(home).privValidatorKey);
  return {
    address: (await interfirmd("comet", "show-address", "--home", home)).trim(),
    pubkey: (await interfirmd("comet", "show-validator", "--home", home)).trim(),
    pair,
    hex: Buffer.from(cometAddress(pair.pubKey)).toString("hex").toUpperCase(),
  };
}

/** Asks for the key from the node's own command line. Throws unless it has this code in its block; returns the height. */
async function rotate(node: NetworkNode, chainId: string, { pubkey }: ConsensusKey, code = 0): Promise<bigint> {
  const hash = await sendAs(node, chainId, "staking", "rotate-consensus-key", "--new-pubkey", pubkey);
  const outcome = await outcomeOf(node, hash);
  if (outcome.code !== code) throw new Error(`rotation has code ${outcome.code}, want ${code}: ${outcome.log}`);
  return outcome.height;
}

/** Power of the key in the set of a height; undefined when it is not in it. */
async function powerAt({ rpc }: NetworkNode, { hex }: ConsensusKey, height: bigint): Promise<string | undefined> {
  const { validators } = await rpc.validators(height);
  return validators.find(({ address }) => address === hex)?.voting_power;
}

/** Resolves with the height of a commit, `from` or a later one, that has the key's precommit. */
const untilSigned = (witness: NetworkNode, { hex }: ConsensusKey, from: bigint): Promise<bigint> =>
  until(`${hex} signs`, RECOVERY_MS, async () => {
    for (let height = from; height < (await witness.height()); height++) {
      const { signatures } = (await witness.rpc.commit(height)).signed_header.commit;
      const found = signatures.find(({ validator_address }) => validator_address === hex);
      if (found?.block_id_flag === FOR_BLOCK) return height;
    }
    return undefined;
  });

async function missedBy(client: SigningClient, { address }: ConsensusKey): Promise<bigint | undefined> {
  return (await signingInfos(client)).find((info) => info.address === address)?.missedBlocksCounter;
}

const rotation: Scenario = {
  name: "a validator goes over to a new consensus key; its record goes along, and what the old key signs is punished",
  slice: false,
  timeoutMs: 300_000,
  async run({ openNetwork, say }) {
    const { network, firms } = await openNetwork({ validators: 4 });
    const { chainId, prefix } = network.manifest;
    const [first, ...others] = network.validators as [NetworkNode, NetworkNode, NetworkNode, NetworkNode];
    const [witness] = others;
    const client = await clientOf(network, firms.buyer, others);
    const operator = await operatorOf(network, first, others);
    try {
      const old = await keyIn(first.spec.home);
      await first.stop();
      await witness.untilHeight((await witness.height()) + MISSED + 1n, RECOVERY_MS);
      await first.start();
      await untilSigned(witness, old, await first.untilHeight(await witness.height(), RECOVERY_MS));
      const missed = (await missedBy(client, old)) ?? 0n;
      if (missed < MISSED) throw new Error(`missed blocks are ${missed}, want at least ${MISSED}`);

      const spare = `${first.spec.home}-next`;
      await interfirmd("init", "next", "--home", spare, "--chain-id", chainId, "--bech32-prefix", prefix);
      const next = await keyIn(spare);
      const asked = await rotate(first, chainId, next);
      const takesOver = asked + KEY_DELAY;
      await first.untilHeight(takesOver - 1n, RECOVERY_MS);
      await first.stop();
      copyFileSync(homeAt(spare).privValidatorKey, homeAt(first.spec.home).privValidatorKey);
      await first.start();
      const signedAt = await untilSigned(witness, next, takesOver);
      say(`asked at height ${asked}, the new key signs at height ${signedAt}`);

      expectEqual("power of the old key before", await powerAt(witness, old, takesOver - 1n), "10");
      expectEqual("power of the new key before", await powerAt(witness, next, takesOver - 1n), undefined);
      expectEqual("power of the old key after", await powerAt(witness, old, takesOver), undefined);
      expectEqual("power of the new key after", await powerAt(witness, next, takesOver), "10");
      expectEqual("stake", (await validatorOf(client, first)).tokens, STAKE);

      expectEqual("record of the old key", await missedBy(client, old), undefined);
      const since = (await missedBy(client, next)) ?? 0n;
      if (since < missed) throw new Error(`missed blocks are ${since} after the change, want at least ${missed}`);
      await rotate(witness, chainId, old, 5);
      await rotate(first, chainId, old, 5);
      say(`its ${missed} missed blocks went along, and nobody can take the old key`);

      // The last block that the old key could sign came after the message.
      await reportDoubleVote(witness, old.pair, { chainId, height: takesOver - 1n });
      const punished = await untilValidator(client, first, "jailed", RECOVERY_MS, ({ jailed }) => jailed);
      expectEqual("stake after one slash of 5 %", punished.tokens, STAKE - STAKE / 20n);
      await reportDoubleVote(witness, old.pair, { chainId, height: asked - 1n });
      await reportDoubleVote(witness, next.pair, { chainId, height: signedAt });
      await witness.untilHeight((await witness.height()) + 4n, RECOVERY_MS);
      const later = await validatorOf(client, first);
      expectEqual("stake after further evidence", later.tokens, punished.tokens);
      expectEqual("bonded", isBonded(later), false);
      const infos = (await signingInfos(client)).filter((info) => info.tombstoned);
      expectEqual("tombstoned keys", infos.map(({ address }) => address).join(), next.address);
      expectEqual("evidence kept", (await client.query.evidence.allEvidence({})).evidence.length, 1);
      const validatorAddr = later.operatorAddress;
      await expectRefused("unjail", 4, () => operator.slashing.unjail({ validatorAddr }, how(network)));
      expectEqual("validators that are left", (await witness.rpc.validators()).validators.length, 3);
      say("what the old key signed twice cost the validator its place, once, under its new key");
    } finally {
      client.close();
      operator.close();
    }
  },
};

export const scenarios = [rotation];
