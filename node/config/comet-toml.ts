/** config.toml: CometBFT's own configuration, complete, so that CometBFT 0.38 reads it unmodified. */
import { choice, count, defineSchema, duration, flag, text, texts, type Values } from "./schema.ts";

const HEADER = `Configuration of CometBFT, the consensus engine, which interfirmd runs as its child.

Every key can also be given as an environment variable (p2p.seeds is INTERFIRMD_P2P_SEEDS). Paths are relative to the
home of the node. Lengths of time are written as 500ms, 3s, 1m30s. Reference: https://docs.cometbft.com/v0.38/core/configuration`;

export const cometToml = defineSchema({
  file: "config.toml",
  header: HEADER,
  sections: {
    rpc: "JSON-RPC, which clients and wallets use.",
    p2p: "The network between nodes.",
    mempool: "Transactions that wait for a block.",
    statesync: "Starting from a snapshot of the state instead of from the first block. Only for a node without data.",
    blocksync: "Catching up block by block.",
    consensus: "Agreeing on blocks.",
    storage: "What is kept of blocks.",
    tx_index: "Finding transactions and blocks by their events.",
    instrumentation: "Metrics of CometBFT.",
  },
  entries: {
    version: text("0.38.26", "Release of CometBFT that the file is written for."),
    proxy_app: text(
      "tcp://127.0.0.1:26658",
      "Address of the application. `interfirmd start` overrules it with its own socket; it holds when CometBFT runs alone.",
    ),
    moniker: text("node", "Name of the node, for people."),
    db_backend: choice(
      "goleveldb",
      ["goleveldb", "cleveldb", "boltdb", "rocksdb", "badgerdb"],
      "Database of blocks and consensus state.",
    ),
    db_dir: text("data", "Folder of the databases."),
    log_level: text("info", "How much is logged: a level, or levels by module (consensus:info,p2p:error,*:error)."),
    log_format: choice("plain", ["plain", "json"], "Form of the log."),
    genesis_file: text("config/genesis.json", "The genesis file."),
    priv_validator_key_file: text("config/priv_validator_key.json", "The validator's key."),
    priv_validator_state_file: text(
      "data/priv_validator_state.json",
      "What the validator signed last. Without it the validator may sign twice and be punished: never delete it, never go back to an older copy.",
    ),
    priv_validator_laddr: text("", "Where a remote signer (tmkms, horcrux) connects; the key file is not used then."),
    node_key_file: text("config/node_key.json", "The key that names the node in the network."),
    abci: choice("socket", ["socket", "grpc"], "How CometBFT talks to the application."),
    filter_peers: flag(false, "Whether the application is asked before a peer is taken."),
    event_bus_buffer_capacity: count(0, "How many events wait between consensus and subscribers; 0 means none."),

    "rpc.laddr": text("tcp://127.0.0.1:26657", "Where it listens."),
    "rpc.cors_allowed_origins": texts([], 'Origins of web pages that may call it; ["*"] means any.'),
    "rpc.cors_allowed_methods": texts(["HEAD", "GET", "POST"], "HTTP methods for web pages."),
    "rpc.cors_allowed_headers": texts(
      ["Origin", "Accept", "Content-Type", "X-Requested-With", "X-Server-Time"],
      "HTTP headers for web pages.",
    ),
    "rpc.grpc_laddr": text("", "Where CometBFT's own small gRPC service listens; empty means nowhere."),
    "rpc.grpc_max_open_connections": count(900, "The most connections to it."),
    "rpc.unsafe": flag(false, "Whether dangerous calls such as unsafe_flush_mempool are served. Never in public."),
    "rpc.max_open_connections": count(
      900,
      "The most connections, web sockets included; below the limit of open files.",
    ),
    "rpc.max_subscription_clients": count(100, "The most clients that subscribe to events."),
    "rpc.max_subscriptions_per_client": count(5, "The most subscriptions of one client."),
    "rpc.experimental_subscription_buffer_size": count(200, "Events that wait for one subscription.", 100),
    "rpc.experimental_websocket_write_buffer_size": count(
      200,
      "Answers that wait for one web socket; at least the number above.",
      100,
    ),
    "rpc.experimental_close_on_slow_client": flag(
      false,
      "Whether a web socket that reads too slowly is closed; otherwise it misses events without a word.",
    ),
    "rpc.timeout_broadcast_tx_commit": duration("10s", "How long broadcast_tx_commit waits for the block."),
    "rpc.max_request_batch_size": count(10, "The most calls in one JSON-RPC batch; 0 means no limit."),
    "rpc.max_body_bytes": count(1_000_000, "Longest body of a request, in bytes."),
    "rpc.max_header_bytes": count(1_048_576, "Longest header of a request, in bytes."),
    "rpc.tls_cert_file": text("", "Certificate for HTTPS, with its chain; needs the key, too."),
    "rpc.tls_key_file": text("", "Private key of the certificate."),
    "rpc.pprof_laddr": text("", "Where Go's profiler listens; empty means nowhere. Never in public."),

    "p2p.laddr": text("tcp://0.0.0.0:26656", "Where it listens for peers."),
    "p2p.external_address": text("", "Address and port that peers are told; empty means what the node finds out."),
    "p2p.seeds": text("", "Nodes that tell of other nodes: ID@host:port, with commas."),
    "p2p.persistent_peers": text("", "Nodes to stay connected with: ID@host:port, with commas."),
    "p2p.addr_book_file": text("config/addrbook.json", "The address book."),
    "p2p.addr_book_strict": flag(
      true,
      "Whether only addresses of the open internet are kept; false for private networks.",
    ),
    "p2p.max_num_inbound_peers": count(40, "The most peers that connected to us."),
    "p2p.max_num_outbound_peers": count(10, "The most peers that we connect to, persistent ones aside."),
    "p2p.unconditional_peer_ids": text("", "Peers that are taken whatever the limits."),
    "p2p.persistent_peers_max_dial_period": duration(
      "0s",
      "The longest rest between two tries to reach a persistent peer; 0s means growing rests.",
    ),
    "p2p.flush_throttle_timeout": duration("100ms", "How long messages are gathered before they are sent."),
    "p2p.max_packet_msg_payload_size": count(1024, "Longest piece of a message, in bytes."),
    "p2p.send_rate": count(5_120_000, "The most bytes a second to one peer."),
    "p2p.recv_rate": count(5_120_000, "The most bytes a second from one peer."),
    "p2p.pex": flag(true, "Whether peers tell each other of peers."),
    "p2p.seed_mode": flag(false, "Whether the node only gathers and hands out addresses."),
    "p2p.private_peer_ids": text("", "Peers whose addresses are told to nobody."),
    "p2p.allow_duplicate_ip": flag(false, "Whether several peers may have one IP address."),
    "p2p.handshake_timeout": duration("20s", "How long a handshake may take."),
    "p2p.dial_timeout": duration("3s", "How long a connection may take."),

    "mempool.type": choice("flood", ["flood", "nop"], "flood: passed on to all peers; nop: no mempool."),
    "mempool.recheck": flag(true, "Whether waiting transactions are checked again after each block. Needed here."),
    "mempool.recheck_timeout": duration("1s", "How long the application may take for that."),
    "mempool.broadcast": flag(true, "Whether transactions are passed on to peers."),
    "mempool.wal_dir": text("", "Folder of the mempool's log; empty means none."),
    "mempool.size": count(5000, "The most transactions that wait."),
    "mempool.max_txs_bytes": count(67_108_864, "The most bytes that wait (CometBFT's own default is 1 GiB)."),
    "mempool.cache_size": count(10_000, "How many transactions are remembered, to know repetitions."),
    "mempool.keep-invalid-txs-in-cache": flag(
      false,
      "Whether refused transactions are remembered, too. They may become valid later, so no.",
    ),
    "mempool.max_tx_bytes": count(1_048_576, "Longest transaction, in bytes."),
    "mempool.max_batch_bytes": count(0, "Without effect in 0.38."),
    "mempool.experimental_max_gossip_connections_to_persistent_peers": count(
      0,
      "To how many persistent peers transactions are passed on; 0 means all.",
    ),
    "mempool.experimental_max_gossip_connections_to_non_persistent_peers": count(
      0,
      "To how many other peers transactions are passed on; 0 means all.",
    ),

    "statesync.enable": flag(false, "Whether to start from a snapshot."),
    "statesync.rpc_servers": text("", "At least two RPC addresses, with commas, whose headers are checked."),
    "statesync.trust_height": count(0, "Height of a block that you trust."),
    "statesync.trust_hash": text("", "Its hash, in hex."),
    "statesync.trust_period": duration("168h0m0s", "How old it may be; about two thirds of the unbonding time."),
    "statesync.discovery_time": duration("15s", "How long snapshots are looked for."),
    "statesync.temp_dir": text("", "Folder for chunks; empty means the system's."),
    "statesync.chunk_request_timeout": duration("10s", "How long a peer may take for a chunk."),
    "statesync.chunk_fetchers": text("4", "Chunks fetched at a time."),
    "statesync.max_snapshot_chunks": count(100_000, "The most chunks of a snapshot."),

    "blocksync.version": choice("v0", ["v0"], "Its protocol."),

    "consensus.wal_file": text("data/cs.wal/wal", "Log of consensus messages, from which a crashed node goes on."),
    "consensus.timeout_propose": duration("3s", "How long a proposal is waited for."),
    "consensus.timeout_propose_delta": duration("500ms", "How much longer in each further round."),
    "consensus.timeout_prevote": duration("1s", "How long more prevotes are waited for."),
    "consensus.timeout_prevote_delta": duration("500ms", "How much longer in each further round."),
    "consensus.timeout_precommit": duration("1s", "How long more precommits are waited for."),
    "consensus.timeout_precommit_delta": duration("500ms", "How much longer in each further round."),
    "consensus.timeout_commit": duration(
      "1s",
      "The rest after a block, in which late votes come in. With it a block takes about 1.1 s; the same on all validators.",
    ),
    "consensus.double_sign_check_height": count(
      0,
      "How many blocks back the node looks for its own votes before it joins, and stops when it finds one; 0 means none.",
    ),
    "consensus.skip_timeout_commit": flag(false, "Whether the rest is left out once all votes are there."),
    "consensus.create_empty_blocks": flag(true, "Whether blocks are made without transactions. Deadlines need them."),
    "consensus.create_empty_blocks_interval": duration("0s", "The time between empty blocks."),
    "consensus.peer_gossip_sleep_duration": duration("100ms", "Rest between rounds of gossip."),
    "consensus.peer_query_maj23_sleep_duration": duration("2s", "Rest between questions for majorities."),
    "consensus.block_time_tolerance": duration("1m0s", "How far the time of a proposed block may be from our clock."),

    "storage.discard_abci_responses": flag(
      false,
      "Whether results of blocks are thrown away. block_results and reindexing need them.",
    ),

    "tx_index.indexer": choice("kv", ["null", "kv", "psql"], "null: none; kv: the node's own; psql: PostgreSQL."),
    "tx_index.psql-conn": text("", "Connection to PostgreSQL, whose schema must be there."),

    "instrumentation.prometheus": flag(false, "Whether metrics are served under /metrics."),
    "instrumentation.prometheus_listen_addr": text(":26660", "Where."),
    "instrumentation.max_open_connections": count(3, "The most connections."),
    "instrumentation.namespace": text("cometbft", "Put before the name of each metric."),
  },
});

export type CometConfig = Values<typeof cometToml.entries>;
