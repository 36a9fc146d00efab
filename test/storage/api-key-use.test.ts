import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { readKeyUse, recordKeyUse } from "../../src/storage/api-key-use.ts";
import type { Storage } from "../../src/storage/database.ts";
import { readRevisionPoint } from "../../src/storage/revision-point.ts";
import { writeChange } from "../../src/storage/write-change.ts";
import { forEachBackend } from "../support/database.ts";
import { testApiKey } from "./examples.ts";

const early = new Date("2026-01-01T00:00:00.001Z");
const late = new Date("2026-01-01T00:01:00Z");

describe("recordKeyUse", () => {
  forEachBackend((_name, open) => {
    let storage: Storage;
    before(async () => {
      storage = await open();
      const meta = { author: "user:a@b.c", reason: "", requestId: "", requestHash: "" };
      await writeChange(storage, meta, () =>
        Promise.resolve({
          source: undefined,
          changes: ["one", "two"].map((id) => ({
            kind: "api_key" as const,
            key: id,
            before: undefined,
            after: testApiKey(id),
          })),
        }),
      );
    });

    test("keeps the latest use of each key and makes no revision", async () => {
      const revision = (await readRevisionPoint(storage)).revision;
      await recordKeyUse(
        storage,
        new Map([
          ["one", late],
          ["two", early],
        ]),
      );
      await recordKeyUse(
        storage,
        new Map([
          ["one", early],
          ["two", late],
        ]),
      );
      assert.deepEqual(
        await readKeyUse(storage, ["one", "two"]),
        new Map([
          ["one", late],
          ["two", late],
        ]),
      );
      assert.equal((await readRevisionPoint(storage)).revision, revision);
    });

    test("leaves out keys that do not exist", async () => {
      await recordKeyUse(storage, new Map([["none", late]]));
      await recordKeyUse(storage, new Map());
      assert.deepEqual(await readKeyUse(storage, ["none"]), new Map());
      assert.deepEqual(await readKeyUse(storage, []), new Map());
    });
  });
});
