import fc from "fast-check";

// One seed for every property, so that a commit that was green stays green; `npm run laws` sets others to find counterexamples.
fc.configureGlobal({ seed: Number(process.env["LAWS_SEED"] ?? 20_261_124) });
