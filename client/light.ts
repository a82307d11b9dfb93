/**
 * A light client: from one header that the user trusts to any later one, by the signatures of validators.
 * Source: CometBFT v0.38 spec/light-client/verification, `light/verifier.go`.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { equalBytes, sha256 } from "./bytes.ts";
import { clientError } from "./errors.ts";
import {
  type Commit,
  type Header,
  hashText,
  headerHash,
  precommitBytes,
  readSignedHeader,
  readValidators,
  toMilliseconds,
  type Validator,
  validatorsHash,
} from "./header.ts";
import type { Rpc } from "./rpc.ts";

export interface TrustRoot {
  readonly height: bigint;
  /** Hash of the header at this height, in hex, from a source that the user trusts: an operator, a second node. */
  readonly hash: string;
}

export interface LightOptions {
  /**
   * Milliseconds that a header stays a base of trust: shorter than the time for which misbehaving validators can be
   * punished. 14 days unless told.
   */
  readonly trustingPeriodMs?: number;
  /** Milliseconds that a header may be ahead of this machine's clock. 10,000 unless told. */
  readonly clockDriftMs?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface LightBlock {
  readonly header: Header;
  readonly commit: Commit;
  readonly validators: readonly Validator[];
}

export interface LightClient {
  /** The header at this height, verified. Throws `client/badHeader`, `client/trustExpired`, `client/rpc`. */
  header(height: bigint): Promise<Header>;
  /** The same with what verified it: the commit and the validators. Throws as `header` does. */
  block(height: bigint): Promise<LightBlock>;
}

/** Verified headers kept in memory. */
const KEPT_MAX = 100;
const VALIDATORS_MAX = 10_000;
const PAGE = 100;
const FOR_BLOCK = 2;

const badHeader = (why: string, height: bigint) => clientError("badHeader", `header ${height}: ${why}`, { height });

/** Throws `client/badHeader` unless header, commit and validators belong together and to the chain. */
export function checkLightBlock({ header, commit, validators }: LightBlock, chainId: string): void {
  const { height } = header;
  const hash = headerHash(header);
  if (header.chainId !== chainId) throw badHeader(`chain is ${header.chainId}, want ${chainId}`, height);
  if (commit.height !== height) throw badHeader(`commit is of height ${commit.height}`, height);
  if (!equalBytes(commit.blockId.hash, hash)) throw badHeader("commit is about another block", height);
  if (!equalBytes(header.validatorsHash, validatorsHash(validators))) throw badHeader("validators are others", height);
}

function signedBy(validator: Validator, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    // ZIP-215, as CometBFT.
    if (validator.keyType === "ed25519") return ed25519.verify(signature, bytes, validator.key, { zip215: true });
    return secp256k1.verify(signature, sha256(bytes), validator.key, { prehash: false, lowS: true });
  } catch {
    // Malformed keys and signatures sign nothing.
    return false;
  }
}

const totalPower = (validators: readonly Validator[]): bigint => validators.reduce((sum, { power }) => sum + power, 0n);

/** Power among `validators` that verifiably signed the commit; each counts once. Stops as soon as `enough` is passed. */
function signedPower(chainId: string, commit: Commit, validators: readonly Validator[], enough: bigint): bigint {
  const byAddress = new Map(validators.map((validator) => [hashText(validator.address), validator]));
  let power = 0n;
  for (const { flag, address, time, signature } of commit.signatures) {
    if (power > enough) break;
    const validator = flag === FOR_BLOCK ? byAddress.get(hashText(address)) : undefined;
    if (!validator) continue;
    byAddress.delete(hashText(address));
    if (!signedBy(validator, precommitBytes(chainId, commit, time), signature)) {
      throw badHeader(`signature of ${hashText(address)} is wrong`, commit.height);
    }
    power += validator.power;
  }
  return power;
}

/** Throws `client/badHeader` unless more than two thirds of the block's own validators signed it. */
export function checkCommit(block: LightBlock, chainId: string): void {
  const enough = (totalPower(block.validators) * 2n) / 3n;
  const power = signedPower(chainId, block.commit, block.validators, enough);
  if (power <= enough) throw badHeader(`signed by ${power} of power, want more than ${enough}`, block.header.height);
}

/**
 * Whether trust in one block reaches another: the next one's validators are named by the trusted header; any later one
 * needs more than a third of the trusted validators among its signers. Throws `client/badHeader` when the block is
 * wrong in itself.
 */
function trustReaches(trusted: LightBlock, block: LightBlock, chainId: string): boolean {
  const { height } = block.header;
  if (height === trusted.header.height + 1n) {
    if (!equalBytes(block.header.validatorsHash, trusted.header.nextValidatorsHash)) {
      throw badHeader("validators are not those that the header before named", height);
    }
    return true;
  }
  const enough = totalPower(trusted.validators) / 3n;
  return signedPower(chainId, block.commit, trusted.validators, enough) > enough;
}

export function createLightClient(
  rpc: Pick<Rpc, "call">,
  chainId: string,
  root: TrustRoot,
  { trustingPeriodMs = 14 * 86_400_000, clockDriftMs = 10_000, now = Date.now }: LightOptions = {},
): LightClient {
  /** In ascending height. */
  const kept: LightBlock[] = [];

  async function read(height: bigint): Promise<LightBlock> {
    const { header, commit } = readSignedHeader(await rpc.call("commit", { height: String(height) }));
    if (header.height !== height) throw badHeader(`node gave header ${header.height}`, height);
    const validators: Validator[] = [];
    for (let page = 1; ; page++) {
      const params = { height: String(height), page: String(page), per_page: String(PAGE) };
      const answer = readValidators(await rpc.call("validators", params));
      validators.push(...answer.validators);
      if (validators.length >= answer.total || answer.validators.length === 0) break;
      if (validators.length > VALIDATORS_MAX) throw badHeader(`more than ${VALIDATORS_MAX} validators`, height);
    }
    const block = { header, commit, validators };
    checkLightBlock(block, chainId);
    return block;
  }

  function keep(block: LightBlock): void {
    const place = kept.findLastIndex(({ header }) => header.height < block.header.height) + 1;
    kept.splice(place, 0, block);
    // The root stays: it may be needed again.
    if (kept.length > KEPT_MAX) kept.splice(1, 1);
  }

  async function start(): Promise<void> {
    const block = await read(root.height);
    const hash = hashText(headerHash(block.header));
    if (hash !== root.hash.toUpperCase())
      throw badHeader(`hash is ${hash}, want the trusted ${root.hash}`, root.height);
    checkCommit(block, chainId);
    keep(block);
  }

  /** What must hold between two blocks whoever signed them. */
  function checkTimes(trusted: Header, header: Header): void {
    if (toMilliseconds(trusted.time) + trustingPeriodMs <= now()) {
      throw clientError("trustExpired", `trusted header ${trusted.height} is older than ${trustingPeriodMs} ms`);
    }
    const { seconds, nanos } = header.time;
    const before = seconds < trusted.time.seconds || (seconds === trusted.time.seconds && nanos <= trusted.time.nanos);
    if (before) throw badHeader(`time is not after that of header ${trusted.height}`, header.height);
    if (toMilliseconds(header.time) >= now() + clockDriftMs) throw badHeader("time is in the future", header.height);
  }

  /** Straight to the goal, or by halves where the validators have changed too much. */
  async function reach(height: bigint): Promise<LightBlock> {
    const blocks = new Map<bigint, LightBlock>();
    const goals = [height];
    for (let goal = goals.at(-1); goal !== undefined; goal = goals.at(-1)) {
      const trusted = kept.findLast(({ header }) => header.height <= goal!);
      if (!trusted) throw badHeader(`it is below the oldest trusted header ${kept[0]?.header.height}`, goal);
      if (trusted.header.height === goal) {
        goals.pop();
        if (goals.length === 0) return trusted;
        continue;
      }
      const block = blocks.get(goal) ?? (await read(goal));
      blocks.set(goal, block);
      checkTimes(trusted.header, block.header);
      if (trustReaches(trusted, block, chainId)) {
        checkCommit(block, chainId);
        keep(block);
      } else {
        goals.push((trusted.header.height + goal) / 2n);
      }
    }
    throw badHeader("there is no way to it", height);
  }

  // In turn: two readers would fetch and verify the same blocks.
  let turn: Promise<unknown> = Promise.resolve();
  const block = (height: bigint): Promise<LightBlock> => {
    const mine = turn.then(async () => {
      if (kept.length === 0) await start();
      return reach(height);
    });
    turn = mine.catch(() => {});
    return mine;
  };
  return { block, header: async (height) => (await block(height)).header };
}
