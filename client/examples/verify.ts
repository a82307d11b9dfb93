/**
 * Reads a balance without trusting the node that gives it: height and hash of a block come from somebody else.
 * `node client/examples/verify.ts http://127.0.0.1:26657 5 A1B2… firm1… ufirm`
 */
import { connect, type TrustRoot } from "@interfirm/client";

export async function verify(endpoint: string, trust: TrustRoot, address: string, denom: string) {
  const client = await connect(endpoint, { trust });
  try {
    return await client.verified.balance(address, denom);
  } finally {
    client.close();
  }
}

if (import.meta.main) {
  const [endpoint = "", height = "", hash = "", address = "", denom = ""] = process.argv.slice(2);
  const { value, height: at, time } = await verify(endpoint, { height: BigInt(height), hash }, address, denom);
  console.log(`${address} held ${value} ${denom} at height ${at}; validators signed it at ${time.toISOString()}`);
}
