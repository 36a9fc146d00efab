import assert from "node:assert/strict";
import { test } from "node:test";
import { createNewsBoard } from "../../src/credentials/change-news.ts";
import type { FeedNews } from "../../src/credentials/identifier.ts";

const position = { server: "1", snapshot: "7:7:", xmin: 7n, xmax: 7n };
const read = { events: [], position, now: 1_000 };

test("who fails to take news keeps them from nobody, and hears nothing more", () => {
  let time = 0;
  const board = createNewsBoard(() => (time += 1_000));
  let failed = 0;
  const heard: FeedNews[] = [];
  board.watch(() => {
    failed += 1;
    throw new Error("it cannot be read");
  });
  board.watch((news) => void heard.push(news));
  board.tell(read, false);
  board.tell(read, true);
  assert.equal(failed, 1);
  const cursor = { server: "1", xmin: 7n, completeAt: 1_000 };
  assert.deepEqual(heard, [
    { changes: [], cursor, hasGap: false },
    { changes: [], cursor, hasGap: true },
  ]);
});
