/** app.toml: the application's part of a node's configuration. Keys are those of the Cosmos SDK 0.53. */
import { choice, count, defineSchema, flag, pairs, text, texts, type Values } from "./schema.ts";

const HEADER = `Configuration of interfirmd, the application.

Every key can also be given as an environment variable (api.enable is INTERFIRMD_API_ENABLE) or as a flag of
\`interfirmd start\` (--api.enable=true). A flag goes over the environment, the environment over this file.
\`interfirmd config view app --effective\` shows what holds and where it comes from.`;

export const appToml = defineSchema({
  file: "app.toml",
  header: HEADER,
  sections: {
    telemetry: "Metrics of the application.",
    api: "REST interface.",
    grpc: "gRPC interface.",
    "grpc-web": "gRPC-Web, on the address of the REST interface.",
    "state-sync": "Snapshots of the state, from which new nodes start.",
    "streaming.abci": "State changes streamed to a plugin.",
    mempool: "The application's own mempool.",
    interfirm: "What only Interfirm has.",
  },
  entries: {
    "minimum-gas-prices": text(
      "",
      "The least price of a unit of gas that this node takes, one or more of amount and denomination: 0.025ufirm\nA node does not start without it; 0ufirm takes transactions without a fee.",
    ),
    "query-gas-limit": count(
      0,
      "The most gas a query may use; 0 means no limit but the node's own bounds on pages and time.",
    ),
    pruning: choice(
      "default",
      ["default", "nothing", "everything", "custom"],
      "Which older versions of the state stay queryable.\ndefault: the last 362880; nothing: all; everything: the last 2; custom: pruning-keep-recent and pruning-interval",
    ),
    "pruning-keep-recent": text("0", "With custom: how many versions stay, at least 2.", decimal),
    "pruning-interval": text("0", "With custom: every how many blocks older versions go, at least 10.", decimal),
    "halt-height": count(0, "The height after which the node stops; 0 means never."),
    "halt-time": count(
      0,
      "The node stops after the first block of this time or later, in seconds since 1970; 0 means never.",
    ),
    "min-retain-blocks": count(0, "How many blocks CometBFT keeps at least; 0 means all."),
    "inter-block-cache": flag(true, "Without effect here: the whole tree is in memory. Kept for tools that set it."),
    "index-events": texts(
      [],
      "Events that CometBFT indexes, as type.attribute (message.sender). Empty means all that the modules mark.",
    ),
    "iavl-cache-size": count(781250, "Without effect here. Kept for tools that set it."),
    "iavl-disable-fastnode": flag(false, "Without effect here. Kept for tools that set it."),
    "app-db-backend": choice(
      "",
      ["", "goleveldb", "leveldb"],
      "Database of the application: LevelDB, whatever is said.",
    ),

    "telemetry.service-name": text("", "Put before the name of each metric."),
    "telemetry.enabled": flag(false, "Whether metrics are collected and served under /metrics of the REST interface."),
    "telemetry.enable-hostname": flag(false, "Whether the host's name is part of a metric's name."),
    "telemetry.enable-hostname-label": flag(false, "Whether metrics carry the host's name as a label."),
    "telemetry.enable-service-label": flag(false, "Whether metrics carry the service's name as a label."),
    "telemetry.prometheus-retention-time": count(0, "Seconds that a metric is kept for Prometheus; 0 switches it off."),
    "telemetry.global-labels": pairs('Labels of every metric: [["chain_id", "firm-1"]]'),
    "telemetry.metrics-sink": text("", "Where metrics go; empty means memory, which Prometheus reads."),
    "telemetry.statsd-addr": text("", "Address of a StatsD server."),
    "telemetry.datadog-hostname": text("", "Host name for DogStatsD."),

    "api.enable": flag(false, "Whether the REST interface is served."),
    "api.swagger": flag(false, "Whether its description is served under /swagger/."),
    "api.address": text("tcp://localhost:1317", "Where it listens."),
    "api.max-open-connections": count(1000, "The most connections at a time."),
    "api.rpc-read-timeout": count(10, "Seconds that a request may take to arrive."),
    "api.rpc-write-timeout": count(0, "Seconds that an answer may take to leave; 0 means no limit."),
    "api.rpc-max-body-bytes": count(1_000_000, "Longest body of a request, in bytes."),
    "api.enabled-unsafe-cors": flag(false, "Whether pages of any origin may call it."),

    "grpc.enable": flag(true, "Whether gRPC is served."),
    "grpc.address": text("localhost:9090", "Where it listens. Prometheus itself uses the same port by default."),
    "grpc.max-recv-msg-size": text("10485760", "Longest message taken, in bytes.", decimal),
    "grpc.max-send-msg-size": text("2147483647", "Longest message sent, in bytes.", decimal),
    "grpc.historical-grpc-address-block-range": text(
      "{}",
      'Other nodes for older heights, as JSON: {"archive:9090": [0, 1000000]}',
    ),

    "grpc-web.enable": flag(true, "Whether gRPC-Web is served; needs the REST interface."),

    "state-sync.snapshot-interval": count(0, "Every how many blocks a snapshot is taken; 0 means never."),
    "state-sync.snapshot-keep-recent": count(2, "How many snapshots stay; 0 means all."),

    "streaming.abci.keys": texts([], 'Stores whose changes are streamed; ["*"] means all.'),
    "streaming.abci.plugin": text("", "Name of the plugin."),
    "streaming.abci.stop-node-on-err": flag(true, "Whether the node stops when the plugin fails."),

    "mempool.max-txs": count(-1, "Transactions in the application's mempool; -1 leaves it to CometBFT's.", -1),

    "interfirm.shutdown-grace": text(
      "30s",
      "How long CometBFT may take to end by itself before it is killed.",
      (value) => (/^[0-9]{1,5}(ms|s|m)$/.test(value) ? undefined : `is "${value}", want a length of time such as 30s`),
    ),
  },
});

export type AppConfig = Values<typeof appToml.entries>;

function decimal(value: string): string | undefined {
  return /^[0-9]{1,15}$/.test(value) ? undefined : `is "${value}", want a whole number, as text`;
}
