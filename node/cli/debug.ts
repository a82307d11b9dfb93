/** `interfirmd debug`: addresses and keys taken apart. */
import { bech32 } from "@scure/base";
import { cometAddress } from "../config/comet-keys.ts";
import type { Register } from "./program.ts";

export const register: Register = (program, run) => {
  const debug = program.command("debug").description("take addresses and keys apart");

  debug
    .command("addr <address>")
    .description("an address, in bech32 or hex, in all its forms")
    .action(
      run(({ io, prefix }, given: string) => {
        const bytes = readAddress(given);
        const words = bech32.toWords(bytes);
        const at = (human: string) => bech32.encode(human, words, 1023);
        io.out(
          [
            `Address: [${[...bytes].join(" ")}]`,
            `Address (hex): ${Buffer.from(bytes).toString("hex").toUpperCase()}`,
            `Bech32 Acc: ${at(prefix)}`,
            `Bech32 Val: ${at(`${prefix}valoper`)}`,
            `Bech32 Con: ${at(`${prefix}valcons`)}`,
          ].join("\n"),
        );
      }),
    );

  debug
    .command("pubkey <json>")
    .description('a public key given as {"@type":…,"key":…}, with its address')
    .action(
      run(async ({ io, prefix }, given: string) => {
        const { pubKeyFromText } = await import("../keyring/pubkey-json.ts");
        const { addressBytes } = await import("@interfirm/modules/auth/pubkey");
        const pubKey = pubKeyFromText(given);
        const address = addressBytes(pubKey);
        const lines = [`Type: ${pubKey.type}`];
        if (pubKey.type !== "multisig")
          lines.push(`PubKey Hex: ${Buffer.from(pubKey.key).toString("hex").toUpperCase()}`);
        if (pubKey.type === "ed25519")
          lines.push(`Consensus address: ${Buffer.from(cometAddress(pubKey.key)).toString("hex").toUpperCase()}`);
        lines.push(`Address: ${bech32.encode(prefix, bech32.toWords(address), 1023)}`);
        io.out(lines.join("\n"));
      }),
    );

  debug
    .command("raw-bytes <bytes>")
    .description("a list of numbers as Go prints bytes, such as [72 101], in hex and as text")
    .action(
      run(({ io }, given: string) => {
        const numbers = given
          .replace(/[[\]]/g, "")
          .trim()
          .split(/[\s,]+/)
          .map(Number);
        if (numbers.some((number) => !Number.isInteger(number) || number < 0 || number > 255)) {
          throw new Error(`bytes are ${JSON.stringify(given)}, want numbers from 0 to 255 such as [72 101]`);
        }
        io.out(`${Buffer.from(numbers).toString("hex").toUpperCase()}\n${Buffer.from(numbers).toString("utf8")}`);
      }),
    );

  debug
    .command("prefixes")
    .description("the prefixes of this chain's addresses")
    .action(
      run(({ io, prefix }) =>
        io.out(`Bech32 Acc: ${prefix}\nBech32 Val: ${prefix}valoper\nBech32 Con: ${prefix}valcons`),
      ),
    );
};

function readAddress(text: string): Uint8Array {
  if (/^(0x)?[0-9a-fA-F]{2,510}$/.test(text) && text.length % 2 === 0) {
    return new Uint8Array(Buffer.from(text.replace(/^0x/, ""), "hex"));
  }
  try {
    return bech32.decodeToBytes(text).bytes;
  } catch (cause) {
    throw new Error(`address is ${JSON.stringify(text.slice(0, 100))}, want bech32 or hex`, { cause });
  }
}
