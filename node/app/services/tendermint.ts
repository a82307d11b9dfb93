import { bytesToAddress, consensusPrefix } from "@interfirm/modules/kernel/address";
import { sdkError } from "@interfirm/modules/kernel/sdk-errors";
import { type PageRequest, PageResponse } from "@interfirm/proto/gen/cosmos/base/query/v1beta1";
import * as tendermint from "@interfirm/proto/gen/cosmos/base/tendermint/v1beta1";
import type { RequestQuery, ResponseQuery } from "@interfirm/proto/gen/tendermint/abci";
import { DefaultNodeInfo } from "@interfirm/proto/gen/tendermint/p2p";
import type { Rpc } from "../../comet/rpc.ts";
import { bigintOf, blockIdOf, blockOf, field, hexOf, textOf, validatorKeyOf } from "./comet-json.ts";
import { serveNode } from "./service.ts";
import { ask } from "./unavailable.ts";

export interface VersionInfo {
  readonly name: string;
  readonly appName: string;
  readonly version: string;
  readonly gitCommit: string;
  /** Of the Cosmos SDK whose interfaces are spoken. */
  readonly cosmosSdkVersion: string;
}

export interface TendermintDeps {
  readonly rpc: Rpc | undefined;
  readonly version: VersionInfo;
  /** How account addresses start. */
  readonly addressPrefix: () => string;
  readonly abciQuery: (request: RequestQuery) => ResponseQuery | Promise<ResponseQuery>;
}

/** CometBFT gives validators in pages of at most 100, and networks have at most some hundreds: so many pages at most. */
const VALIDATOR_PAGES_MAX = 100;
const VALIDATORS_A_PAGE = 100;

/** `cosmos.base.tendermint.v1beta1.Service`: what CometBFT knows, in the SDK's words. */
export function tendermintService({ rpc, version, addressPrefix, abciQuery: queryPath }: TendermintDeps) {
  const consensusAddress = (bytes: Uint8Array): string => bytesToAddress(bytes, consensusPrefix(addressPrefix()));

  async function block(height: bigint | undefined) {
    const answer: unknown = await ask(rpc, (node) =>
      node.call("block", height === undefined ? {} : { height: `${height}` }),
    );
    const found = blockOf(field(answer, "block"));
    const { header } = found;
    return tendermint.GetBlockByHeightResponse.fromPartial({
      blockId: blockIdOf(field(answer, "block_id")),
      block: found,
      sdkBlock: { ...found, header: { ...header, proposerAddress: consensusAddress(header.proposerAddress) } },
    });
  }

  async function validatorSet(height: bigint | undefined, pagination: PageRequest | undefined) {
    const all: unknown[] = [];
    let blockHeight = 0n;
    for (let page = 1; page <= VALIDATOR_PAGES_MAX; page++) {
      const answer = await ask(rpc, (node) => node.validators(height, page));
      blockHeight = bigintOf(answer.block_height);
      all.push(...answer.validators);
      if (all.length >= Number(answer.total)) break;
    }
    const { items, response } = pageOf(all, pagination, VALIDATORS_A_PAGE);
    return tendermint.GetValidatorSetByHeightResponse.fromPartial({
      blockHeight,
      validators: items.map((validator) => ({
        address: consensusAddress(hexOf(field(validator, "address"))),
        pubKey: validatorKeyOf(field(validator, "pub_key")),
        votingPower: bigintOf(field(validator, "voting_power")),
        proposerPriority: bigintOf(field(validator, "proposer_priority")),
      })),
      pagination: response,
    });
  }

  return serveNode(tendermint.Service, {
    async getNodeInfo() {
      const status: unknown = await ask(rpc, (node) => node.call("status"));
      const info = field(status, "node_info");
      const protocol = field(info, "protocol_version");
      const other = field(info, "other");
      return {
        defaultNodeInfo: DefaultNodeInfo.fromPartial({
          protocolVersion: {
            p2p: bigintOf(field(protocol, "p2p")),
            block: bigintOf(field(protocol, "block")),
            app: bigintOf(field(protocol, "app")),
          },
          defaultNodeId: textOf(field(info, "id")),
          listenAddr: textOf(field(info, "listen_addr")),
          network: textOf(field(info, "network")),
          version: textOf(field(info, "version")),
          channels: hexOf(field(info, "channels")),
          moniker: textOf(field(info, "moniker")),
          other: { txIndex: textOf(field(other, "tx_index")), rpcAddress: textOf(field(other, "rpc_address")) },
        }),
        applicationVersion: tendermint.VersionInfo.fromPartial(version),
      };
    },
    async getSyncing() {
      return { syncing: (await ask(rpc, (node) => node.status())).sync_info.catching_up };
    },
    getLatestBlock: () => block(undefined),
    getBlockByHeight: ({ height }) => block(checkHeight(height)),
    getLatestValidatorSet: ({ pagination }) => validatorSet(undefined, pagination),
    getValidatorSetByHeight: ({ height, pagination }) => validatorSet(checkHeight(height), pagination),
    async abciQuery({ data, path, height, prove }) {
      // A method of a service could ask for itself.
      if (!/^\/?(?:store|app|p2p)\//.test(path.slice(0, 16))) {
        throw sdkError.invalidRequest(`path is ${path.slice(0, 80)}, want one below /store, /app or /p2p`);
      }
      return tendermint.ABCIQueryResponse.fromPartial(await queryPath({ data, path, height, prove }));
    },
  });
}

function checkHeight(height: bigint): bigint {
  if (height <= 0n) throw sdkError.invalidRequest(`height is ${height}, want at least 1`);
  return height;
}

/** A page of a list by offset and limit. Throws `sdk/18` for a page by key, which such a list does not have. */
export function pageOf<T>(
  all: readonly T[],
  page: PageRequest | undefined,
  limitMax: number,
): { readonly items: readonly T[]; readonly response: PageResponse } {
  if (page && page.key.length > 0) throw sdkError.invalidRequest("pagination.key is given, want an offset");
  const limit = page && page.limit > 0n && page.limit < BigInt(limitMax) ? Number(page.limit) : limitMax;
  const asked = page?.offset ?? 0n;
  const offset = asked < BigInt(all.length) ? Number(asked) : all.length;
  const ordered = page?.reverse ? [...all].reverse() : all;
  return {
    items: ordered.slice(offset, offset + limit),
    response: PageResponse.fromPartial({ total: BigInt(all.length) }),
  };
}
