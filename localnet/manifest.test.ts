import { describe, expect, test } from "vitest";
import { createManifest } from "./manifest.ts";

const create = (validators: number, fullNodes = 0) => createManifest({ root: "/r", validators, fullNodes });

describe("createManifest", () => {
  test("gives every node a name, a home and ports of its own", async () => {
    const { nodes } = await create(4, 2);
    expect(nodes.map(({ name, power, home }) => [name, power, home])).toEqual([
      ["validator0", 10, "/r/validator0"],
      ["validator1", 10, "/r/validator1"],
      ["validator2", 10, "/r/validator2"],
      ["validator3", 10, "/r/validator3"],
      ["full0", 0, "/r/full0"],
      ["full1", 0, "/r/full1"],
    ]);
    const ports = nodes.flatMap((node) => [node.ports.p2p, node.ports.rpc]);
    expect(new Set(ports).size).toBe(12);
  });

  test.each([0, 17, 1.5, Number.NaN])("refuses %d validators", async (validators) => {
    await expect(create(validators)).rejects.toThrow("want a whole number from 1 to 16");
  });
});
