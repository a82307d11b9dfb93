export * from "./amino.ts";
export * from "./decimal.ts";
export * from "./json.ts";
export * from "./registry.ts";
export * from "./runtime.ts";
export * from "./strict.ts";
export * from "./time.ts";
export * from "./types.ts";
