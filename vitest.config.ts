import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{proto,modules,client,node,localnet}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "dist/**"],
    pool: "threads",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ["node/test/seed.ts"],
  },
});
