/** A deal from proposal to settlement, told from both sides: `node client/examples/deal.ts RPC "payer's mnemonic" "payee's"` */
import { connect, parseCoin, type SigningClient, walletFromMnemonic } from "@interfirm/client";

const terms = new TextEncoder().encode("100 bottles of Riesling 2025, delivered to the cellar door by March");

export async function deal(endpoint: string, payersMnemonic: string, payeesMnemonic: string, price: string) {
  const open = (mnemonic: string): Promise<SigningClient> =>
    connect(endpoint, { signer: ({ prefix }) => walletFromMnemonic(mnemonic, { prefix }) });
  const [payer, payee] = await Promise.all([open(payersMnemonic), open(payeesMnemonic)]);
  try {
    // The chain holds the hash only; the parties keep the document.
    const termsHash = new Uint8Array(await crypto.subtle.digest("SHA-256", terms));
    const { id } = await payer.agreements.propose({
      payee: payee.address,
      price: parseCoin(price),
      termsHash,
      deadlineHeight: (await payer.height()) + 100n,
    });
    await payee.agreements.accept({ id, termsHash });
    await payer.agreements.settle({ id });
    return await payee.query.agreements.agreement({ id });
  } finally {
    payer.close();
    payee.close();
  }
}

if (import.meta.main) {
  const [endpoint = "", payer = "", payee = ""] = process.argv.slice(2);
  console.log(await deal(endpoint, payer, payee, "1000000ufirm"));
}
