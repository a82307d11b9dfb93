import { nsToTimestamp } from "@interfirm/modules/kernel/time";
import * as node from "@interfirm/proto/gen/cosmos/base/node/v1beta1";
import { serveNode } from "./service.ts";

export interface NodeConfig {
  /** As app.toml has it: `0.025ufirm`. */
  readonly minimumGasPrices: string;
  readonly pruningKeepRecent: string;
  readonly pruningInterval: string;
  readonly haltHeight: bigint;
}

export interface NodeServiceDeps {
  readonly config: NodeConfig;
  readonly earliestHeight: () => bigint;
  /** Hash of the validator set after the latest block; empty until this process has executed one. */
  readonly validatorHash: () => Uint8Array;
}

/** `cosmos.base.node.v1beta1.Service`: how this node is set up and where it stands. */
export const nodeService = ({ config, earliestHeight, validatorHash }: NodeServiceDeps) =>
  serveNode(node.Service, {
    config: () => ({
      minimumGasPrice: config.minimumGasPrices,
      pruningKeepRecent: config.pruningKeepRecent,
      pruningInterval: config.pruningInterval,
      haltHeight: config.haltHeight,
    }),
    status: (_, view) => ({
      earliestStoreHeight: earliestHeight(),
      height: view.height,
      timestamp: nsToTimestamp(view.time),
      appHash: view.appHash,
      validatorHash: validatorHash(),
    }),
  });
