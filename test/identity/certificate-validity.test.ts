import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { certificateAt } from "../../src/identity/certificate-validity.ts";
import { certificate } from "./support/certificate-rules.ts";

describe("certificateAt", () => {
  const verified = certificate({});
  for (const [now, proven] of [
    [999, { kind: "bad" }],
    [1000, verified],
    [1999, verified],
    [2000, { kind: "bad" }],
    [NaN, { kind: "bad" }],
  ] as const) {
    it(`is ${proven.kind} at ${now} of 1000 to 2000`, () => {
      assert.deepEqual(certificateAt(verified, now), proven);
    });
  }

  it("makes nothing better", () => {
    assert.deepEqual(certificateAt({ kind: "none" }, 1500), { kind: "none" });
    assert.deepEqual(certificateAt({ kind: "bad" }, 1500), { kind: "bad" });
  });
});
