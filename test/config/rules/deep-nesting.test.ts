import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { validateConfiguration } from "../../../src/config/validate.ts";
import { ConfigSchema } from "../../../src/gen/fleetgate/config/v1/config_pb.ts";

const depth = 10_000;

/** A chain of groups, each nesting the next one; the last one nests `end`. */
function chain(end: readonly string[]) {
  const groups = Array.from({ length: depth }, (_, index) => ({
    name: `g${index}`,
    nested: index === depth - 1 ? [...end] : [`g${index + 1}`],
  }));
  const files = [{ path: "chain", config: create(ConfigSchema, { groups }) }];
  return validateConfiguration({ source: "main", files, others: new Map() });
}

describe("a chain of 10,000 nested groups", () => {
  it("is valid", () => {
    assert.deepEqual(chain([]).problems, []);
  });

  it("is reported with both ends of its path when it is closed; a message has no lines", () => {
    const { problems, configuration } = chain(["g0"]);
    assert.equal(configuration, undefined);
    assert.deepEqual(problems, [
      {
        severity: "error",
        file: "chain",
        line: 0,
        column: 0,
        path: "groups[0].nested[0]",
        message:
          'groups nest each other in a circle: "g0" -> "g1" -> "g2" -> "g3" -> "g4" -> "g5" -> (9989 more) -> "g9995" -> "g9996" -> "g9997" -> "g9998" -> "g9999" -> "g0"',
        hint: "take one of these steps away",
      },
    ]);
  });
});
