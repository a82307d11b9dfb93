import type { UpgradeInfo } from "../app/upgrades.ts";
import { writeFileAtomically } from "../config/files.ts";
import type { Home } from "../config/home.ts";

/** Writes `data/upgrade-info.json`, for which cosmovisor waits. It wants the height as a number. */
export function writeUpgradeInfo(home: Pick<Home, "upgradeInfo">, { name, height, info }: UpgradeInfo): void {
  writeFileAtomically(home.upgradeInfo, JSON.stringify({ name, height: Number(height), info }));
}
