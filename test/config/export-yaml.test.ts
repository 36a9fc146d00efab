import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parse } from "yaml";
import { toYaml } from "../../src/config/export-yaml.ts";
import { toYamlScalar } from "../../src/config/yaml-scalar.ts";
import { emptyConfiguration } from "../../src/domain/model.ts";
import { configurationOf } from "./support/problems.ts";

describe("toYaml", () => {
  it("writes fields in the order of the contract and leaves defaults out", () => {
    const configuration = configurationOf(`
groups: [{owners: administrators, name: b, description: ""}, {name: a, nested: [b], members: []}]
settings: {}
projects: [{name: p, realms: [{name: "@root", bindings: [{role: role/swarming.poolUser}]}]}]
`);
    const text = `# yaml-language-server: $schema=./s.json
settings: {}
projects:
  - name: p
    realms:
      - name: "@root"
        bindings:
          - role: role/swarming.poolUser
groups:
  - name: a
    nested:
      - b
  - name: b
`;
    assert.equal(toYaml(configuration, { schema: "./s.json" }), text);
  });

  it("writes an empty mapping when there is nothing", () => {
    assert.equal(toYaml(emptyConfiguration), "{}\n");
  });

  it("writes several lines as a block", () => {
    const text =
      "groups:\n  - name: a\n    description: |-\n      One # line.\n\n      - Another: one.\n";
    assert.equal(toYaml(configurationOf(text)), text);
  });
});

describe("toYamlScalar", () => {
  const cases: readonly [value: string, text: string][] = [
    ["user:*@example.com", "user:*@example.com"],
    ["group:a/b", "group:a/b"],
    ["customRole/a b", "customRole/a b"],
    ["@root", '"@root"'],
    ["null", '"null"'],
    ["No", '"No"'],
    ["1e3", '"1e3"'],
    ["2024-01-01", '"2024-01-01"'],
    ["a: b", '"a: b"'],
    ["a #b", '"a #b"'],
    ["a:", '"a:"'],
    ["- a", '"- a"'],
    ["*a", '"*a"'],
    ["", '""'],
    [" a", '" a"'],
    ['"', '"\\""'],
    ["\u0085", '"\\u0085"'],
    ["a\n b", '"a\\n b"'],
    ["a\n", '"a\\n"'],
    ["a\nb", "|-\n  a\n  b"],
  ];
  for (const [value, text] of cases) {
    it(`writes ${JSON.stringify(value)} as ${JSON.stringify(text)}`, () => {
      assert.equal(toYamlScalar(value, "  "), text);
    });
  }

  it("writes what both versions of YAML read as the same text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        for (const version of ["1.1", "1.2"] as const) {
          const read: unknown = parse(`k:\n  - ${toYamlScalar(value, "    ")}\n`, { version });
          assert.deepEqual(read, { k: [value] });
        }
      }),
      { numRuns: 200 },
    );
  });
});
