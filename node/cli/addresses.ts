import type { KeyRecord } from "../keyring/record.ts";
import type { Context } from "./context.ts";
import type { ResolveAddress } from "./field-values.ts";

/**
 * Names of keys stand for their addresses, when the text is no address; a name that no key has is an error. Where a validator is named by its consensus
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
      const { pubKeyFromText } = await import("../keyring/pubkey-json.ts");
      return addressOf(pubKeyFromText(text), context.prefix, form);
    }
    return addressOf((await needNamedKey(context, text)).pubKey, context.prefix, form);
  };
}

/** An address as it is, or that of a key in the keyring. */
export const addressNamed = (context: Context, text: string): Promise<string> => addressResolver(context)(text);

async function needNamedKey(context: Context, name: string): Promise<KeyRecord> {
  const record = (await context.keyring()).get(name);
  if (record) return record;
  throw new Error(
    `${JSON.stringify(name)} is neither an address nor a key of the keyring: see interfirmd keys list, or give --keyring-backend`,
  );
}
