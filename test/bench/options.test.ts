import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readOptions, UsageError } from "../../bench/options.ts";

describe("readOptions", () => {
  test("measures everything on every size unless told otherwise", () => {
    const { engine, transport, sizes, out } = readOptions([]);
    assert.ok(engine && transport);
    assert.deepEqual(sizes, ["tiny", "small", "medium", "large", "huge"]);
    assert.equal(out, undefined);
  });

  test("measures one part when it is named", () => {
    const { engine, transport, sizes } = readOptions(["engine", "--sizes", "small,huge"]);
    assert.ok(engine && !transport);
    assert.deepEqual(sizes, ["small", "huge"]);
  });

  test("measures credentials when they are named, and puts them into the docs", () => {
    const { engine, live, credentials, docs } = readOptions(["credentials", "--docs"]);
    assert.ok(credentials && docs && !engine && !live);
    assert.ok(!readOptions([]).credentials);
  });

  test("measures claims when they are named, and puts them into the docs", () => {
    const { engine, credentials, claims, docs } = readOptions(["claims", "--docs"]);
    assert.ok(claims && docs && !engine && !credentials);
    assert.ok(!readOptions([]).claims);
  });

  for (const args of [
    ["fast"],
    ["engine", "more"],
    ["engine", "--docs"],
    ["--sizes", "vast"],
    ["--seed", "x"],
    ["-z"],
  ]) {
    test(`refuses ${args.join(" ")}`, () => {
      assert.throws(() => readOptions(args), UsageError);
    });
  }
});
