import { bankEscrow } from "./agreements/bank-escrow.ts";
import { fail as agreementsErrors } from "./agreements/errors.ts";
import { agreements } from "./agreements/module.ts";
import { state as agreementsState } from "./agreements/state.ts";
import { createTestBank } from "./agreements/testing.ts";
import { fail as consensusErrors } from "./consensus/errors.ts";
import { consensus } from "./consensus/module.ts";
import { state as consensusState } from "./consensus/state.ts";
import { fail as genutilErrors } from "./genutil/errors.ts";
import { genutil } from "./genutil/module.ts";
import { readmeLaws } from "./kernel/laws/readme.ts";

const unused = (): never => {
  throw new Error("not called: only what the module declares is looked at");
};
const readmeOf = (module: string): URL => new URL(`./${module}/README.md`, import.meta.url);

readmeLaws({
  module: agreements({ escrow: bankEscrow(createTestBank()) }),
  readme: readmeOf("agreements"),
  state: agreementsState,
  errors: agreementsErrors,
  events: ["interfirm.agreements.v1.EventProposed", "interfirm.agreements.v1.EventStatusChanged"],
});

readmeLaws({
  module: consensus(),
  readme: readmeOf("consensus"),
  state: consensusState,
  errors: consensusErrors,
  events: ["update_consensus_params"],
});

readmeLaws({
  module: genutil({ read: unused, verify: unused, balance: unused }),
  readme: readmeOf("genutil"),
  errors: genutilErrors,
  events: [],
});
