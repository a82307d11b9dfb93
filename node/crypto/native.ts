import { createRequire } from "node:module";

/** What we use of libsecp256k1's native binding. Calls return 0 when all is well and a positive code otherwise. */
export interface NativeSecp256k1 {
  /** 0 valid, 1 signature out of range, 2 not a point on the curve, 3 signature does not match. */
  ecdsaVerify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): number;
}

/**
 * Loads libsecp256k1's native binding. The package's own entry point falls back to a pure JavaScript curve without a word,
 * 32 times slower, with which a node falls behind its network; so the binding is asked for by name.
 * `load` is for tests. Throws a plain Error, meant for the operator, when there is no binding for this machine.
 */
export function loadNativeSecp256k1(load: () => unknown = loadBinding): NativeSecp256k1 {
  let binding: unknown;
  try {
    binding = load();
  } catch (cause) {
    throw new Error(
      `no native secp256k1 for ${process.platform}-${process.arch}: the npm package secp256k1 has no prebuilt binary that ` +
        "loads here, and signature checks in plain JavaScript are too slow for a node. Build it with " +
        "`npm rebuild secp256k1` (needs a C++ compiler and Python), or run on linux-x64, darwin-arm64 or win32-x64",
      { cause },
    );
  }
  if (!isNative(binding)) throw new Error("the native secp256k1 has no ecdsaVerify, want the binding of secp256k1 5.x");
  return binding;
}

function loadBinding(): unknown {
  const require = createRequire(import.meta.url);
  const build: unknown = createRequire(require.resolve("secp256k1"))("node-gyp-build");
  if (typeof build !== "function") throw new Error("node-gyp-build is not a function");
  const addon: unknown = build(require.resolve("secp256k1/package.json").replace(/package\.json$/, ""));
  const Secp256k1 = (addon as { readonly Secp256k1?: unknown }).Secp256k1;
  if (typeof Secp256k1 !== "function") throw new Error("the addon exports no Secp256k1");
  return Reflect.construct(Secp256k1, []);
}

function isNative(binding: unknown): binding is NativeSecp256k1 {
  return typeof (binding as Partial<NativeSecp256k1> | undefined)?.ecdsaVerify === "function";
}
