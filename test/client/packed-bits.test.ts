import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { createAclClient, isPermitted, permittedIndexes } from "../../src/client/index.ts";
import { createEngineFleetgate } from "../../src/testing/index.ts";

describe("the bits of BatchCheckPacked", () => {
  it("are read as they are counted: eight in a byte, the least significant first", () => {
    const property = fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (wanted) => {
      const permitted = new Uint8Array(Math.ceil(wanted.length / 8));
      for (const [index, bit] of wanted.entries()) {
        if (bit) permitted[Math.floor(index / 8)]! += 2 ** (index % 8);
      }
      const expected = wanted.flatMap((bit, index) => (bit ? [index] : []));
      assert.deepEqual(permittedIndexes(permitted), expected);
      for (const [index, bit] of wanted.entries()) assert.equal(isPermitted(permitted, index), bit);
    });
    fc.assert(property);
  });

  it("are no answer about what was not asked", () => {
    for (const index of [8, 1000, -1, 0.5, Number.NaN, 2 ** 32]) {
      assert.throws(() => isPermitted(new Uint8Array([255]), index), RangeError, String(index));
    }
    assert.throws(() => isPermitted(new Uint8Array(), 0), RangeError);
  });

  it("are what a server answers", async (context) => {
    const fleetgate = createEngineFleetgate({
      peer: "user:ann@example.com",
      yaml: `
        projects:
          - name: p
            realms:
              - { name: r, bindings: [{ role: role/swarming.poolUser, principals: ["user:ann@example.com"] }] }
              - { name: s }
        pools: [{ name: mine, realm: "p:r" }, { name: other, realm: "p:s" }]
      `,
    });
    context.after(() => fleetgate.close());
    const names = Array.from({ length: 20 }, (_, index) => (index % 3 === 0 ? "mine" : "other"));
    const { permitted } = await createAclClient(fleetgate.transport).batchCheckPacked({
      permission: "swarming.pools.createTask",
      resources: { case: "pools", value: { names } },
    });
    assert.equal(permitted.length, 3);
    assert.deepEqual(permittedIndexes(permitted), [0, 3, 6, 9, 12, 15, 18]);
  });
});
