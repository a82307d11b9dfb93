import type { Operation } from "../operation.ts";
import { agreementOperations } from "./agreements.ts";
import { bankOperations } from "./bank.ts";
import { choiceOperations } from "./choices.ts";
import { distributionOperations } from "./distribution.ts";
import { governanceOperations } from "./governance.ts";
import { grantOperations } from "./grants.ts";
import { stakingOperations } from "./staking.ts";
import { upgradeOperations } from "./upgrade.ts";

/** All operations, of all modules. */
export const operations: readonly Operation[] = [
  ...bankOperations,
  ...agreementOperations,
  ...stakingOperations,
  ...distributionOperations,
  ...governanceOperations,
  ...choiceOperations,
  ...grantOperations,
  ...upgradeOperations,
];
