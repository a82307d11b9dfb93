import { describe, expect, it } from "vitest";
import { toYaml } from "./yaml.ts";

describe("answers for people", () => {
  it("prints nested objects and lists, with units", () => {
    const text = toYaml({
      a: { b: [], c: [{ d: "1", e: "x y" }, "z"] },
      gas_used: "5",
      max_bytes: "10",
      empty: {},
      none: null,
      yes: "yes",
    });
    expect(text).toBe(
      'a:\n  b: []\n  c:\n  - d: "1"\n    e: x y\n  - z\ngas_used: "5"  # gas\nmax_bytes: "10"  # bytes\nempty: {}\nnone: null\n"yes": "yes"'.replace(
        '\n"yes"',
        "\nyes",
      ),
    );
  });

  it("quotes what YAML would read as something else", () => {
    for (const text of ["1", "true", "null", "", " a", "a: b", "- a", "#", "0x1", "1e3", "a\nb"])
      expect(toYaml(text)).toBe(JSON.stringify(text));
  });
});
