import assert from "node:assert/strict";
import { test } from "node:test";
import { writtenBetween } from "../../../bench/credentials/row-writes.ts";

test("rows written between are the differences, the most first, of tables that were written to", () => {
  const before = new Map([
    ["hold", 5],
    ["subject", 7],
  ]);
  const after = new Map([...before, ["hold", 6], ["credential_use", 3]] as const);
  assert.deepEqual(
    [...writtenBetween(before, after)],
    [
      ["credential_use", 3],
      ["hold", 1],
    ],
  );
});
