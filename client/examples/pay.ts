/** Pays somebody: `node client/examples/pay.ts http://127.0.0.1:26657 "…mnemonic…" firm1… 5ufirm` */
import { connect, parseCoin, walletFromMnemonic } from "@interfirm/client";

export async function pay(endpoint: string, mnemonic: string, toAddress: string, amount: string) {
  const client = await connect(endpoint, { signer: ({ prefix }) => walletFromMnemonic(mnemonic, { prefix }) });
  try {
    return await client.bank.send({ toAddress, amount: [parseCoin(amount)] });
  } finally {
    client.close();
  }
}

if (import.meta.main) {
  const [endpoint = "", mnemonic = "", to = "", amount = ""] = process.argv.slice(2);
  const { txHash, height, gasUsed } = await pay(endpoint, mnemonic, to, amount);
  console.log(`paid ${amount} to ${to} in block ${height}: transaction ${txHash}, ${gasUsed} gas`);
}
