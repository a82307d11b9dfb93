export interface RetentionInputs {
  readonly height: bigint;
  /** `min-retain-blocks` of app.toml; 0 keeps all blocks. */
  readonly minRetainBlocks: bigint;
  /** `evidence.max_age_num_blocks` of the consensus params: blocks in which misbehaviour can still be punished. */
  readonly evidenceMaxAgeBlocks: bigint;
  /** Blocks since the oldest state-sync snapshot that is kept; 0 when none are made. */
  readonly snapshotBlocks: bigint;
  /** Lowest height from which CometBFT must be able to replay into the application: nothing unpersisted is lost. */
  readonly persistedHeight: bigint;
}

/**
 * The height below which CometBFT may drop blocks; 0 keeps all. The least of what each non-zero rule asks for.
 * Source: Cosmos SDK 0.53 baseapp `GetBlockRetentionHeight`.
 */
export function retainHeight(inputs: RetentionInputs): bigint {
  const { height, minRetainBlocks, evidenceMaxAgeBlocks, snapshotBlocks, persistedHeight } = inputs;
  if (minRetainBlocks === 0n) return 0n;
  let retain = height - minRetainBlocks;
  if (evidenceMaxAgeBlocks > 0n) retain = min(retain, height - evidenceMaxAgeBlocks);
  if (snapshotBlocks > 0n) retain = min(retain, height - snapshotBlocks);
  retain = min(retain, persistedHeight);
  return retain > 0n ? retain : 0n;
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
