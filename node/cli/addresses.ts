import type { Context } from "./context.ts";

/** Names of keys stand for their addresses, when the text is no address. */
export function addressResolver(context: Context): (text: string) => Promise<string> {
  return async (text) => {
    if (text === "") return text;
    const { bech32 } = await import("@scure/base");
    if (bech32.decodeUnsafe(text, 1023)) return text;
    const record = (await context.keyring()).get(text);
    if (!record) return text;
    const { addressOf } = await import("./key-output.ts");
    return addressOf(record.pubKey, context.prefix);
  };
}
