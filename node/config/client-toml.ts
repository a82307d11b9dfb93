/** client.toml: what `interfirmd tx`, `query` and `keys` take when no flag says otherwise. */
import { choice, defineSchema, text, type Values } from "./schema.ts";

/** `os` is understood, since the SDK's tools write it, and refused where a key is needed. */
const KEYRING_BACKENDS = ["os", "file", "test", "memory"] as const;
export type KeyringBackend = (typeof KEYRING_BACKENDS)[number];

export const clientToml = defineSchema({
  file: "client.toml",
  header: `What the commands tx, query and keys take when no flag says otherwise.

Every key can also be given as an environment variable (chain-id is INTERFIRMD_CHAIN_ID).`,
  sections: {},
  entries: {
    "chain-id": text("", "The chain that transactions are signed for."),
    "keyring-backend": text(
      "file",
      "Where keys are kept. file: encrypted with a passphrase; test: unprotected, for tests only; memory: not at all.",
      (seen) =>
        KEYRING_BACKENDS.some((backend) => backend === seen)
          ? undefined
          : `is ${JSON.stringify(seen)}, want "file" (encrypted with a passphrase), "test" (unprotected) or "memory"`,
    ),
    "keyring-default-keyname": text("", "The key that signs when --from is not given."),
    output: choice("text", ["text", "json"], "Form of answers."),
    node: text("tcp://localhost:26657", "CometBFT RPC of the node that is asked."),
    "bech32-prefix": text("", "Prefix of addresses; empty means that of the genesis file."),
    "broadcast-mode": choice(
      "sync",
      ["sync", "async"],
      "sync: wait until the node has checked a transaction; async: do not wait.",
    ),
  },
});

export type ClientConfig = Values<typeof clientToml.entries>;
