import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parse } from "yaml";
import { LuciImportError } from "../../../src/config/luci/luci-problem.ts";
import { validateConfiguration } from "../../../src/config/validate.ts";
import { importRealms } from "./support/import-realms.ts";
import type { PlainTree, PlainValue } from "./support/plain-tree.ts";
import { spellTree } from "./support/spell-tree.ts";

const field = (name: string, value: fc.Arbitrary<PlainValue>) =>
  value.map((found) => [name, found] as const);
const fields = (...each: fc.Arbitrary<readonly [string, PlainValue]>[]) =>
  fc.tuple(...each).map((found): PlainTree => found);
const repeated = (name: string, value: fc.Arbitrary<PlainValue>) =>
  fc.array(field(name, value), { maxLength: 4 });

const principal = fc.constantFrom("user:a@b.org", "group:all", "group:mdb/x", "bot:b", "project:p");
const role = fc.constantFrom("role/swarming.poolUser", "role/x.y", "role/luci.internal.system");
const anyText = fc.string({ unit: "binary" }).map((text) => text.replaceAll(/\p{C}|\p{Z}/gu, " "));
const restrict = fc
  .tuple(field("attribute", fc.constant("a")), repeated("values", anyText))
  .map(([attribute, values]): PlainTree => [attribute, ...values]);
const binding = fc
  .tuple(
    field("role", role),
    repeated("principals", principal),
    repeated("conditions", fields(field("restrict", restrict))),
  )
  .map(([name, principals, conditions]): PlainTree => [name, ...principals, ...conditions]);
const realm = (name: string) =>
  repeated("bindings", binding).map((bindings): PlainTree => [["name", name], ...bindings]);
const cfg = fields(field("realms", realm("@root")), field("realms", realm("a/b")));

const isRepeated = (name: string) => !["name", "role", "restrict", "attribute"].includes(name);

const anyField = fc.constantFrom(
  ...["realms", "custom_roles", "name", "extends", "bindings", "role", "principals"],
  ...["conditions", "restrict", "attribute", "values", "permissions", "enforce_in_service", "new"],
);
const anyValue = fc.constantFrom(
  ...["@root", "@root", "a", "A", "", "role/x", "customRole/x", "user:a@b.org", "a.b.c", "id TRUE"],
);
const { tree: anyCfg } = fc.letrec<{ tree: PlainTree; value: PlainValue }>((tie) => ({
  tree: fc.array(fc.tuple(anyField, tie("value")), { maxLength: 5, depthIdentifier: "tree" }),
  value: fc.oneof({ maxDepth: 5, depthIdentifier: "tree" }, anyValue, tie("tree")),
}));

describe("importLuci, for random files", () => {
  it("gives a good file one configuration, however it is spelled", () => {
    fc.assert(
      fc.property(cfg, fc.infiniteStream(fc.nat(1000)), (tree, choices) => {
        const choose = (count: number) => Number(choices.next().value) % count;
        const first = importText(spellTree(tree, () => 0, isRepeated));
        const second = importText(spellTree(tree, choose, isRepeated));
        assert.deepEqual(second.configuration, first.configuration);
        assert.deepEqual(parse(second.yaml), first.configuration);
        const { problems } = validateConfiguration({
          source: "main",
          files: [{ path: "birds.yaml", text: second.yaml }],
          others: new Map(),
        });
        assert.deepEqual(
          problems.filter(({ severity }) => severity === "error"),
          [],
        );
      }),
      { numRuns: 100 },
    );
  });

  it("throws nothing but its own error for fields in the wrong places", () => {
    fc.assert(
      fc.property(anyCfg, (tree) => {
        try {
          importText(spellTree(tree, () => 0, isRepeated));
        } catch (error) {
          assert.ok(error instanceof LuciImportError, String(error));
          assert.ok(error.problems.every(({ line, column }) => line >= 1 && column >= 1));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

function importText(text: string) {
  return importRealms({ project: "birds", file: "realms.cfg", text });
}
