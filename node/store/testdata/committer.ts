/** Commits block after block until it is killed, and tells each height only after its commit. */
import { commitBlock, openTestStore } from "../testing.ts";

const store = await openTestStore(process.argv[2]!, { basePolicy: { heights: 5 } });
for (let height = Number(store.version) + 1; ; height++) {
  await commitBlock(store, height);
  process.stdout.write(`${height}\n`);
}
