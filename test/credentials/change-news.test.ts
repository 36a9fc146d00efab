import assert from "node:assert/strict";
import { test } from "node:test";
import { createNewsBoard } from "../../src/credentials/change-news.ts";

const position = { snapshot: "7:7:", xmin: 7n, xmax: 7n };
const read = { events: [], position, now: 1_000 };

test("who fails to take news keeps them from nobody, and hears nothing more", () => {
  let time = 0;
  const board = createNewsBoard(() => (time += 1_000));
  let failed = 0;
  const heard: string[] = [];
  board.watch(() => {
    failed += 1;
    throw new Error("it cannot be read");
  });
  board.watch(({ cursor }) => void heard.push(cursor));
  board.tell(read);
  board.tell(read);
  assert.equal(failed, 1);
  assert.deepEqual(heard, ["1000.7", "1000.7"]);
});
