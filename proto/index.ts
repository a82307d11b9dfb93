export * from "./runtime.ts";
export * from "./types.ts";
