/** Two firms close deals on a network and stakeholders govern it, step by step. Every step is checked against what must be true, to the last unit. */
import { createHash } from "node:crypto";
import { connect, type SigningClient } from "@interfirm/client/client";
import type { Wallet } from "@interfirm/client/wallet";
import { AgreementStatus } from "@interfirm/proto/gen/interfirm/agreements/v1";
import { checkAgreement, checkAppHashes } from "./checks.ts";
import { tellGovernance } from "./governance-story.ts";
import { createLedger, tellTx } from "./ledger.ts";
import type { Network } from "./network.ts";

export interface Firms {
  readonly buyer: Wallet;
  readonly seller: Wallet;
}

export interface StoryOptions {
  readonly network: Network;
  readonly firms: Firms;
  /** What each firm owns at genesis, in the chain's smallest unit. */
  readonly firmOwns: bigint;
  /** Prints a line. */
  say(line: string): void;
}

/** Every transaction of the story pays this much, so that balances can be told in advance. */
const GAS = 250_000n;
const FEE = 2_500n;

const PAYMENT = 1_500_000n;
const FIRST_PRICE = 25_000_000n;
const SECOND_PRICE = 7_000_000n;

/** Blocks that the first deal may take, and that the second one is given. */
const FIRST_DEADLINE_BLOCKS = 200n;
const SECOND_DEADLINE_BLOCKS = 4n;

/** How long the second deal's deadline may take to come, on a busy machine. */
const EXPIRY_MS = 60_000;

const TERMS = "100 pallets of roof tiles, delivered to Rotterdam by the end of the quarter";
const OTHER_TERMS = "40 pallets of roof tiles, delivered to Antwerp tomorrow";

/** Plays the story. Throws on the first thing that is not true. */
export async function tellStory({ network, firms, firmOwns, say }: StoryOptions): Promise<void> {
  const { denom, chainId } = network.manifest;
  const endpoints = network.validators.map(({ rpc }) => rpc.url);
  const [buyer, seller] = await Promise.all([
    connect(endpoints, { signer: firms.buyer, chainId }),
    connect(endpoints, { signer: firms.seller, chainId }),
  ]);
  try {
    const ledger = createLedger(buyer, denom, say, [
      { name: "buyer", address: firms.buyer.address, owns: firmOwns },
      { name: "seller", address: firms.seller.address, owns: firmOwns },
    ]);
    const how = { gas: GAS, fee: [{ denom, amount: FEE }] };

    say("");
    say("Two firms, funded at genesis");
    await ledger.check(await buyer.height(), 0n);

    say("");
    say(`Payment: the buyer pays the seller ${PAYMENT} ${denom}`);
    const payment = await buyer.bank.send(
      { toAddress: firms.seller.address, amount: [{ denom, amount: PAYMENT }] },
      how,
    );
    ledger.move("buyer", -PAYMENT - FEE);
    ledger.move("seller", PAYMENT);
    tellTx(say, "paid", payment);
    await ledger.check(payment.height, 0n);

    say("");
    say(`First deal: "${TERMS}", for ${FIRST_PRICE} ${denom}`);
    const termsHash = sha256(TERMS);
    const proposed = await buyer.agreements.propose(
      {
        payee: firms.seller.address,
        price: { denom, amount: FIRST_PRICE },
        termsHash,
        deadlineHeight: (await buyer.height()) + FIRST_DEADLINE_BLOCKS,
      },
      how,
    );
    const id = proposed.id;
    ledger.move("buyer", -FIRST_PRICE - FEE);
    tellTx(say, `proposed as agreement ${id}, the price is in escrow`, proposed);
    await expectStatus(buyer, id, AgreementStatus.AGREEMENT_STATUS_PROPOSED, proposed.height);
    await ledger.check(proposed.height, FIRST_PRICE);

    const accepted = await seller.agreements.accept({ id, termsHash }, how);
    ledger.move("seller", -FEE);
    tellTx(say, "accepted by the seller", accepted);
    await expectStatus(buyer, id, AgreementStatus.AGREEMENT_STATUS_ACTIVE, accepted.height);
    await ledger.check(accepted.height, FIRST_PRICE);

    const settled = await buyer.agreements.settle({ id }, how);
    ledger.move("buyer", -FEE);
    ledger.move("seller", FIRST_PRICE);
    tellTx(say, "settled by the buyer, the price is the seller's", settled);
    await expectStatus(buyer, id, AgreementStatus.AGREEMENT_STATUS_SETTLED, settled.height);
    await ledger.check(settled.height, 0n);

    say("");
    say(`Second deal: "${OTHER_TERMS}", for ${SECOND_PRICE} ${denom}; the seller does not answer`);
    const offered = await buyer.agreements.propose(
      {
        payee: firms.seller.address,
        price: { denom, amount: SECOND_PRICE },
        termsHash: sha256(OTHER_TERMS),
        deadlineHeight: (await buyer.height()) + SECOND_DEADLINE_BLOCKS,
      },
      how,
    );
    const { agreement } = await buyer.query.agreements.agreement({ id: offered.id });
    const deadline = agreement.deadlineHeight;
    ledger.move("buyer", -SECOND_PRICE - FEE);
    tellTx(say, `proposed as agreement ${offered.id}, open up to height ${deadline}`, offered);
    await expectStatus(buyer, offered.id, AgreementStatus.AGREEMENT_STATUS_PROPOSED, offered.height);
    await ledger.check(offered.height, SECOND_PRICE);

    await Promise.all(network.validators.map((node) => node.untilHeight(deadline + 1n, EXPIRY_MS)));
    await expectStatus(buyer, offered.id, AgreementStatus.AGREEMENT_STATUS_PROPOSED, deadline - 1n);
    await expectStatus(buyer, offered.id, AgreementStatus.AGREEMENT_STATUS_EXPIRED, deadline);
    ledger.move("buyer", SECOND_PRICE);
    say(`  expired and refunded at the end of block ${deadline}`);
    await ledger.check(deadline, 0n);

    await tellGovernance({ network, buyer, ledger, say });

    say("");
    const compared = await checkAgreement(network.validators);
    await checkAppHashes(network.validators);
    const { sync_info } = (await network.validators[0]?.rpc.status()) ?? {};
    say(`All ${network.validators.length} nodes agree on blocks and app hashes of ${compared} heights.`);
    say(`App hash at height ${sync_info?.latest_block_height}: ${sync_info?.latest_app_hash}`);
  } finally {
    buyer.close();
    seller.close();
  }
}

const sha256 = (text: string): Uint8Array => new Uint8Array(createHash("sha256").update(text).digest());

async function expectStatus(client: SigningClient, id: bigint, wanted: AgreementStatus, height: bigint): Promise<void> {
  const { agreement } = await client.query.agreements.agreement({ id }, { height });
  if (agreement.status !== wanted) {
    throw new Error(`agreement ${id} has status ${agreement.status} at height ${height}, want ${wanted}`);
  }
}
