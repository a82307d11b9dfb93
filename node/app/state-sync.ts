import * as abci from "@interfirm/proto/gen/tendermint/abci";
import type { Logger } from "../abci/logger.ts";
import { StoreError } from "../store/errors.ts";
import type { MultiStore } from "../store/multistore.ts";
import { Restore } from "../store/restore.ts";
import { SNAPSHOT_FORMAT, type SnapshotInfo } from "../store/snapshot.ts";
import type { Snapshots } from "../store/snapshots.ts";

/** CometBFT asks a peer for no more than this. */
const LISTED_MAX = 10;

const offered = abci.ResponseOfferSnapshot_Result;
const applied = abci.ResponseApplySnapshotChunk_Result;

export interface StateSyncDeps {
  readonly store: MultiStore;
  /** Undefined: this node neither makes nor serves snapshots. It can still be restored from one. */
  readonly snapshots: Snapshots | undefined;
  /** Told when the store holds a restored height. */
  readonly onRestored: () => void;
  readonly logger: Logger;
}

/**
 * State sync: snapshots offered to other nodes, and this node restored from theirs. Of an offer only the app hash is to
 * be trusted, which CometBFT's light client verified; every answer says so, and none is UNKNOWN.
 */
export function createStateSync({ store, snapshots, onRestored, logger }: StateSyncDeps) {
  let restore: Restore | undefined;

  return {
    listSnapshots(): abci.ResponseListSnapshots {
      return { snapshots: (snapshots?.list() ?? []).slice(0, LISTED_MAX).map(toAbci) };
    },

    async loadSnapshotChunk(request: abci.RequestLoadSnapshotChunk): Promise<abci.ResponseLoadSnapshotChunk> {
      const chunk = await snapshots?.chunk(request.height, request.format, request.chunk).catch((error: unknown) => {
        logger.error({ height: `${request.height}`, error: String(error) }, "a snapshot's chunk cannot be read");
        return undefined;
      });
      return { chunk: chunk ?? new Uint8Array(0) };
    },

    /** A new offer ends a restore that was under way. */
    offerSnapshot({ snapshot, appHash }: abci.RequestOfferSnapshot): abci.ResponseOfferSnapshot {
      restore = undefined;
      if (!snapshot) return { result: offered.REJECT };
      if (snapshot.format !== SNAPSHOT_FORMAT) return { result: offered.REJECT_FORMAT };
      try {
        restore = new Restore(store, snapshot, appHash);
        return { result: offered.ACCEPT };
      } catch (error) {
        const failure = storeError(error);
        logger.warn({ height: `${snapshot.height}`, error: failure.message }, "a snapshot's offer was refused");
        return { result: failure.kind === "misuse" ? offered.ABORT : offered.REJECT };
      }
    },

    async applySnapshotChunk({
      index,
      chunk,
      sender,
    }: abci.RequestApplySnapshotChunk): Promise<abci.ResponseApplySnapshotChunk> {
      const answer = (result: abci.ResponseApplySnapshotChunk_Result, refetchChunks: number[] = []) => ({
        result,
        refetchChunks,
        rejectSenders: refetchChunks.length > 0 && sender !== "" ? [sender] : [],
      });
      const running = restore;
      if (!running) return answer(applied.ABORT);
      try {
        const result = await running.apply(index, chunk);
        if (result.kind === "refetch") return answer(applied.RETRY, [result.index]);
        if (result.kind === "done") {
          restore = undefined;
          onRestored();
          logger.info({ height: `${running.info.height}` }, "state restored from a snapshot");
        }
        return answer(applied.ACCEPT);
      } catch (error) {
        restore = undefined;
        const failure = storeError(error);
        logger.warn({ height: `${running.info.height}`, error: failure.message }, "a snapshot was refused");
        return answer(
          failure.kind === "snapshot" || failure.kind === "corrupt" ? applied.REJECT_SNAPSHOT : applied.ABORT,
        );
      }
    },
  };
}

/** Anything but a `StoreError` passes on. */
function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  throw error;
}

const toAbci = ({ height, format, chunks, hash, metadata }: SnapshotInfo): abci.Snapshot => ({
  height,
  format,
  chunks,
  hash,
  metadata,
});
