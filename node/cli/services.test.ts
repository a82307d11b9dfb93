import { allServices } from "@interfirm/proto/gen/index";
import { describe, expect, it } from "vitest";
import { chainModules } from "./chain-modules.ts";
import { methodCommands, servedServices } from "./services.ts";

const served = servedServices(chainModules());

const usage = (kind: "tx" | "query", module: string) =>
  methodCommands(kind, served)
    .filter((spec) => spec.module === module)
    .map(({ command, args, signerFirst }) =>
      [command, ...(signerFirst ? ["from"] : []), ...args.map((field) => field.protoName)].join(" "),
    );

describe("commands out of the services", () => {
  it("has the SDK's words for bank", () => {
    expect(usage("query", "bank")).toEqual(
      expect.arrayContaining([
        "balance address denom",
        "balances address",
        "spendable-balances address",
        "spendable-balance address denom",
        "total-supply",
        "total-supply-of denom",
        "denom-metadata denom",
        "send-enabled denoms",
      ]),
    );
    expect(usage("tx", "bank")).toContain("send from to_address amount");
  });

  it("has the SDK's words for distribution and mint", () => {
    expect(usage("query", "distribution")).toEqual([
      "params",
      "validator-distribution-info validator_address",
      "validator-outstanding-rewards validator_address",
      "commission validator_address",
      "slashes validator_address starting_height ending_height",
      "rewards-by-validator delegator_address validator_address",
      "rewards delegator_address",
      "delegator-validators delegator_address",
      "delegator-withdraw-address delegator_address",
      "community-pool",
    ]);
    expect(usage("tx", "distribution")).toEqual([
      "set-withdraw-addr withdraw_address",
      "withdraw-validator-commission validator_address",
      "fund-community-pool amount",
      "update-params-proposal params",
      "community-pool-spend-proposal recipient amount",
      "fund-validator-rewards-pool validator_address amount",
    ]);
    expect(usage("query", "mint")).toEqual(["params", "inflation", "annual-provisions"]);
  });

  it("has the SDK's words for governance, and ours beside them", () => {
    expect(usage("query", "gov")).toEqual([
      "constitution",
      "proposal proposal_id",
      "proposals",
      "vote proposal_id voter",
      "votes proposal_id",
      "params params_type",
      "deposit proposal_id depositor",
      "deposits proposal_id",
      "tally proposal_id",
      "interfirm-params",
      "details proposal_id",
      "all-details",
      "choice-vote proposal_id voter",
      "choice-votes proposal_id",
      "choice-tally proposal_id",
      "power-snapshot proposal_id",
      "voting-power proposal_id voter",
    ]);
    expect(usage("tx", "gov")).toEqual([
      "vote proposal_id option",
      "deposit proposal_id amount",
      "update-params-proposal params",
      "cancel-proposal proposal_id",
      "retry-proposal proposal_id",
      "submit-optimistic-proposal",
      "submit-multiple-choice-proposal",
      "vote-choice proposal_id option",
      "vote-choice-weighted proposal_id",
      "interfirm-update-params-proposal params",
    ]);
  });

  it("has a command for every method of a module of ours, without a word of configuration", () => {
    expect(usage("tx", "agreements")).toEqual([
      "propose payee price terms_hash deadline_height",
      "accept id terms_hash",
      "settle id",
    ]);
    expect(usage("query", "agreements")).toContain("agreement id");
  });

  it.each(["tx", "query"] as const)("gives no two %s commands of a module the same name", (kind) => {
    const names = methodCommands(kind, served).flatMap(({ module, command, aliases }) =>
      [command, ...aliases].map((name) => `${module} ${name}`),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it("puts every field in reach, as an argument or as a flag", () => {
    for (const { args, flags, method } of [
      ...methodCommands(
        "tx",
        allServices.filter(({ typeName }) => typeName !== "tendermint.abci.ABCI"),
      ),
      ...methodCommands("query", served),
    ]) {
      const reached = args.length + flags.length + method.input.signers.length;
      expect(reached, method.input.typeName).toBeGreaterThanOrEqual(method.input.fields.length);
    }
  });

  it("calls a command of ours that the SDK has, too, by the name of our house", () => {
    const bank = served.find(({ typeName }) => typeName === "cosmos.bank.v1beta1.Query")!;
    const commands = methodCommands("query", [{ ...bank, typeName: "interfirm.bank.v1.Query" }, bank]);
    const named = (name: string) => commands.find(({ command }) => command === name)?.service.typeName;
    expect(named("params")).toBe("cosmos.bank.v1beta1.Query");
    expect(named("interfirm-params")).toBe("interfirm.bank.v1.Query");
  });

  it("takes a service that it has never seen", () => {
    const agreements = allServices.find(({ typeName }) => typeName === "interfirm.agreements.v1.Msg")!;
    const [first] = methodCommands("tx", [{ ...agreements, typeName: "acme.orders.v2.Msg" }]);
    expect(first).toMatchObject({ module: "orders", command: "propose" });
  });
});
