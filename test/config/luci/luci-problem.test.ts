import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LuciImportError } from "../../../src/config/luci/luci-problem.ts";
import { importRealms } from "./support/import-realms.ts";

const importText = (text: string) => importRealms({ project: "birds", file: "realms.cfg", text });

describe("LuciImportError", () => {
  const cases: readonly [text: string, line: number, column: number, message: RegExp][] = [
    ["realms {", 1, 9, /^expected a field name, or "}"/],
    ['realms: "x"', 1, 9, /^realms must be a message in \{ \}$/],
    ["realms { }", 1, 8, /^realms has no name$/],
    ["realms { name: nest }", 1, 16, /^name must be a string in quotes$/],
    ["realms { name: 7 }", 1, 16, /^name must be a string in quotes$/],
    ['realms { name { a: "x" } }', 1, 15, /^name must be a string in quotes$/],
    ['realms { name: "" }', 1, 16, /^name must not be empty$/],
    ['realms { name: ["a"] }', 1, 10, /^name is one value, not a list$/],
    ['realms { name: "a" name: "a" }', 1, 20, /^name is given twice$/],
    ['realms { name: "a\\xff" }', 1, 16, /^name must be UTF-8$/],
    ['realms { name: "a\\n" }', 1, 16, /^name must not hold control characters, as "a\\n" does$/],
    ['realms { name: "A" }', 1, 16, /^the name of a realm must be .*: "A"$/],
    ['realms { name: "@home" }', 1, 16, /^the name of a realm must be .*: "@home"$/],
    ['realms { name: "a" }\nrealms { name: "a" }', 2, 16, /^the realm is declared twice: "a"$/],
    ['realms { name: "a" extends: "b" }', 1, 29, /^no such realm in the file: "b"$/],
    ['realms { name: "a" extends: "" }', 1, 29, /^no such realm in the file: ""$/],
    ['realms { name: "@root" extends: "@root" }', 1, 33, /^@root must not extend a realm/],
    [binding('principals: "group:all"'), 2, 11, /^realms\.bindings has no role$/],
    [binding('role: "swarming.poolUser"'), 2, 19, /^a role must start with "role\/"/],
    [binding('role: "customRole/x"'), 2, 19, /^no such custom role in the file: "customRole\/x"$/],
    [
      binding('role: "role/x" principals: "ann"'),
      2,
      40,
      /^a principal is "group:name" or .*: "ann"$/,
    ],
    [binding('role: "role/x" principals: "user:ann"'), 2, 40, /^a principal is/],
    [binding('role: "role/x" principals: "user:*@a.org"'), 2, 40, /^a principal is/],
    [binding('role: "role/x" principals: ["bot:b", ""]'), 2, 50, /^a principal is .*: ""$/],
    [binding('role: "role/x" principals: "group:A"'), 2, 40, /^the name of a group must be/],
    [
      binding('role: "role/x" principals: "task:7"'),
      2,
      40,
      /^a principal is .*with a kind of anonymous, bot, project, service, user and/,
    ],
    [binding('role: "role/x" principals: 7'), 2, 40, /^principals must be a string in quotes$/],
    [binding('role: "role/x" conditions: 7'), 2, 40, /^conditions must be a message/],
    [binding('role: "role/x" conditions { restrict: "a" }'), 2, 51, /^restrict must be a message/],
    [
      binding('role: "role/x" conditions { restrict { } }'),
      2,
      50,
      /^realms\.bindings\.conditions\.restrict has no attribute$/,
    ],
    [
      binding('role: "role/x" conditions { restrict { attribute: "a" values: 1 } }'),
      2,
      75,
      /^values must be a string/,
    ],
    [
      binding('role: "role/x" conditions { restrict { } restrict { } }'),
      2,
      54,
      /^restrict is given twice$/,
    ],
    ['realms { name: "a" extends: ["@root", "@root"] }', 1, 39, /^the realm is extended twice/],
    [
      'realms { name: "a" extends: "b" }\nrealms { name: "b" extends: "a" }',
      1,
      29,
      /^realms extend each other in a circle: "a" -> "b" -> "a"$/,
    ],
    ['realms { name: "a" extends: "a" }', 1, 29, /in a circle: "a" -> "a"$/],
    [
      'custom_roles { name: "customRole/x" extends: "customRole/x" }',
      1,
      46,
      /^custom roles extend each other in a circle: "customRole\/x" -> "customRole\/x"$/,
    ],
    [
      binding(`role: "role/x" conditions { restrict { attribute: "${"a".repeat(201)}" } }`),
      2,
      63,
      /^an attribute must be 1 to 200 characters/,
    ],
    [
      'custom_roles { name: "role/x" }',
      1,
      22,
      /^the name of a custom role must start with "customRole\/"/,
    ],
    ['custom_roles { name: "customRole/x" extends: "x" }', 1, 46, /^a role must start with/],
    [
      'custom_roles { name: "customRole/x" extends: "customRole/y" }',
      1,
      46,
      /^no such custom role/,
    ],
    [
      'custom_roles { name: "customRole/x" permissions: "a.b" }',
      1,
      50,
      /^a permission must be "service/,
    ],
  ];
  for (const [text, line, column, message] of cases) {
    it(`points at line ${line}, column ${column} of ${text.replaceAll("\n", " ")}`, () => {
      assert.throws(
        () => importText(text),
        (error) => {
          assert.ok(error instanceof LuciImportError);
          assert.equal(error.reason, "CONFIG_INVALID");
          const [problem] = error.problems;
          assert.equal(error.problems.length, 1, error.message);
          assert.match(problem?.message ?? "", message);
          assert.deepEqual(
            [problem?.file, problem?.line, problem?.column, problem?.severity],
            ["realms.cfg", line, column, "error"],
          );
          return true;
        },
      );
    });
  }

  it("holds every problem of the file in order, and the first of them in its message", () => {
    const text = Array.from({ length: 30 }, () => "realms { name: 1 }").join("\n");
    assert.throws(
      () => importText(`realms { name: "A" }\n${text}`),
      (error) => {
        assert.ok(error instanceof LuciImportError);
        assert.deepEqual(
          error.problems.map(({ line }) => line),
          Array.from({ length: 31 }, (_, index) => index + 1),
        );
        const lines = error.message.split("\n");
        assert.match(lines[0] ?? "", /^realms\.cfg:1:16: the name of a realm must be/);
        assert.equal(lines.length, 21);
        assert.equal(lines.at(-1), "and 11 more");
        return true;
      },
    );
  });
});

function binding(fields: string): string {
  return `realms { name: "a"\n bindings { ${fields} }\n}`;
}
