import type { Context } from "./context.ts";
import type { ResolveAddress } from "./field-values.ts";

/**
 * Names of keys stand for their addresses, when the text is no address. Where a validator is named by its consensus
 * address, the public key that `comet show-validator` prints will do.
 */
export function addressResolver(context: Context): ResolveAddress {
  return async (text, form = "acc") => {
    if (text === "") return text;
    const { bech32 } = await import("@scure/base");
    if (bech32.decodeUnsafe(text, 1023)) return text;
    const { addressOf } = await import("./key-output.ts");
    if (form === "cons") {
      if (!text.startsWith("{")) return text;
      const { pubKeyFromJson } = await import("../keyring/pubkey-json.ts");
      return addressOf(pubKeyFromJson(JSON.parse(text)), context.prefix, form);
    }
    const record = (await context.keyring()).get(text);
    if (!record) return text;
    return addressOf(record.pubKey, context.prefix, form);
  };
}
