import { serializeSignDoc } from "@cosmjs/amino";
import { MultiSignature } from "@interfirm/proto/gen/cosmos/crypto/multisig/v1beta1";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { expect, test } from "vitest";
import { sha256 } from "./bytes.ts";
import { connect } from "./client.ts";
import { combineMultisig, createMultisig, draftMultisig, signMultisig } from "./multisig.ts";
import { startFakeComet } from "./testing/fake-comet.ts";
import { decodeTx } from "./tx.ts";
import { aminoOnly, walletFromKey } from "./wallet.ts";

const members = [1, 2, 3].map((seed) => walletFromKey(new Uint8Array(32).fill(seed), { prefix: "firm" }));
const board = createMultisig({ threshold: 2, pubkeys: members.map(({ pubkey }) => pubkey), prefix: "firm" });

test("the order of the keys does not matter", () => {
  const pubkeys = members.map(({ pubkey }) => pubkey).reverse();
  expect(createMultisig({ threshold: 2, pubkeys, prefix: "firm" })).toEqual(board);
  expect(() => createMultisig({ threshold: 4, pubkeys, prefix: "firm" })).toThrow();
});

test("two of three pay, each signing a copy of the draft that went through JSON", async () => {
  const comet = await startFakeComet({ balances: { [board.address]: 100n } });
  const client = await connect(comet.url, { pollMs: 5, websocket: false });
  try {
    const [to] = members;
    const pay = client.msgs.bank.send({
      fromAddress: board.address,
      toAddress: to!.address,
      amount: [{ denom: "ufirm", amount: 40n }],
    });
    const fee = [{ denom: "ufirm", amount: 7n }];
    const draft = await draftMultisig(client, board, [pay], { gas: 200_000n, fee, memo: "rent & co" });
    const copy = JSON.parse(JSON.stringify(draft));
    const signatures = [
      await signMultisig(copy, aminoOnly(members[2]!), members[2]!.address),
      await signMultisig(copy, aminoOnly(members[0]!), members[0]!.address),
    ];
    expect(() => combineMultisig(board, draft, signatures.slice(1))).toThrow("signed by 1 members, want 2");

    const bytes = combineMultisig(board, draft, signatures);
    comet.keepCommitting(10);
    await client.broadcast(bytes);
    expect(comet.balanceOf(to!.address)).toBe(40n);

    const tx = decodeTx(bytes);
    expect(tx.messages[0]?.value).toEqual(pay.value);
    expect(tx.body.memo).toBe("rent & co");
    expect(tx.authInfo.fee).toMatchObject({ gasLimit: 200_000n, amount: fee });
    const digest = sha256(serializeSignDoc(draft.signDoc));
    const signed = MultiSignature.decode(tx.signatures[0]!).signatures.map((signature) =>
      members.findIndex(({ pubkey }) => secp256k1.verify(signature, digest, pubkey, { prehash: false })),
    );
    expect(signed.sort()).toEqual([0, 2]);
  } finally {
    client.close();
    await comet.stop();
  }
});
