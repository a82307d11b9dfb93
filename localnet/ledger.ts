/** What everybody must own in the story, and how a transaction is told. */
import type { SigningClient } from "@interfirm/client/client";

export interface TxLine {
  readonly height: bigint;
  readonly txHash: string;
  readonly gasUsed: bigint;
}

export const tellTx = (say: (line: string) => void, what: string, { height, txHash, gasUsed }: TxLine): void =>
  say(`  ${what}: height ${height}, ${gasUsed} gas, ${txHash}`);

export interface Party {
  readonly name: "buyer" | "seller";
  readonly address: string;
  readonly owns: bigint;
}

/** What everybody must own, against what the chain says. */
export function createLedger(
  client: SigningClient,
  denom: string,
  say: (line: string) => void,
  parties: readonly Party[],
) {
  const owns = new Map(parties.map((party) => [party.name, party.owns]));
  return {
    move(name: Party["name"], amount: bigint): void {
      owns.set(name, (owns.get(name) ?? 0n) + amount);
    },
    /** Throws when somebody's balance after `height`, or what is in escrow, is not exactly as told. */
    async check(height: bigint, inEscrow: bigint): Promise<void> {
      const lines: string[] = [];
      for (const { name, address } of parties) {
        const { balance } = await client.query.bank.balance({ address, denom }, { height });
        expectAmount(`balance of the ${name}`, balance?.amount ?? 0n, owns.get(name) ?? 0n, height);
        lines.push(`${name} ${balance?.amount ?? 0n}`);
      }
      const escrow = await client.query.agreements.escrow({}, { height });
      const held = escrow.held.find((coin) => coin.denom === denom)?.amount ?? 0n;
      const owed = escrow.owed.find((coin) => coin.denom === denom)?.amount ?? 0n;
      expectAmount("escrow", held, inEscrow, height);
      expectAmount("what escrow owes", owed, inEscrow, height);
      say(`  balances in ${denom} after height ${height}: ${lines.join(", ")}, escrow ${held}`);
    },
  };
}

function expectAmount(what: string, found: bigint, wanted: bigint, height: bigint): void {
  if (found !== wanted) throw new Error(`${what} is ${found} after height ${height}, want ${wanted}`);
}

export type Ledger = ReturnType<typeof createLedger>;
