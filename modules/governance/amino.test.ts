/** What wallets sign of the older messages: as stock CosmJS makes it. */
import { AminoTypes, createGovAminoConverters } from "@cosmjs/stargate";
import { toAmino } from "@interfirm/proto/amino";
import {
  MsgDeposit,
  MsgSubmitProposal,
  MsgVote,
  MsgVoteWeighted,
  TextProposal,
} from "@interfirm/proto/gen/cosmos/gov/v1beta1";
import { allTypes } from "@interfirm/proto/gen/index";
import { jsonText } from "@interfirm/proto/json";
import { createRegistry, packAny } from "@interfirm/proto/registry";
import type { MessageType } from "@interfirm/proto/types";
import { expect, it } from "vitest";
import { addr } from "../kernel/testing.ts";

const registry = createRegistry(allTypes);
const cosmjs = new AminoTypes(createGovAminoConverters());
const who = addr("alice");
const coins = [{ denom: "ufirm", amount: 12_300_000n }];
const asText = coins.map(({ denom, amount }) => ({ denom, amount: amount.toString() }));
const text = { title: "A <title>", description: "words & more" };

const same = <T>(type: MessageType<T>, message: T, value: object): void => {
  const ours = JSON.parse(jsonText(toAmino(type, message, registry))) as unknown;
  expect(ours).toEqual(cosmjs.toAmino({ typeUrl: type.typeUrl, value }));
};

it("holds for a text, a vote, a weighted vote and a deposit", () => {
  const content = packAny(TextProposal, text);
  same(MsgSubmitProposal, MsgSubmitProposal.fromPartial({ content, initialDeposit: coins, proposer: who }), {
    content,
    initialDeposit: asText,
    proposer: who,
  });
  same(MsgVote, MsgVote.fromPartial({ proposalId: 7n, voter: who, option: 4 }), {
    proposalId: 7n,
    voter: who,
    option: 4,
  });
  same(
    MsgVoteWeighted,
    MsgVoteWeighted.fromPartial({
      proposalId: 7n,
      voter: who,
      options: [
        { option: 1, weight: 7n * 10n ** 17n },
        { option: 3, weight: 3n * 10n ** 17n },
      ],
    }),
    {
      proposalId: 7n,
      voter: who,
      options: [
        { option: 1, weight: "700000000000000000" },
        { option: 3, weight: "300000000000000000" },
      ],
    },
  );
  same(MsgDeposit, MsgDeposit.fromPartial({ proposalId: 7n, depositor: who, amount: coins }), {
    proposalId: 7n,
    depositor: who,
    amount: asText,
  });
});
