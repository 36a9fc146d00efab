import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { formatCounts, toChangeRow } from "../../../src/cli/log/format-change.ts";
import { formatItem } from "../../../src/cli/log/format-item.ts";
import {
  ChangeItem_Op as Op,
  ChangeItemSchema,
} from "../../../src/gen/fleetgate/admin/v1/change_item_pb.ts";
import { ChangeSchema } from "../../../src/gen/fleetgate/admin/v1/change_service_pb.ts";
import { ChangeSummarySchema } from "../../../src/gen/fleetgate/admin/v1/config_service_pb.ts";

describe("an entity that a change touched", () => {
  const rows: readonly (readonly [kind: string, key: string, fields: FieldsOf, shown: FieldsOf])[] =
    [
      ["group", "devs", { name: '"devs"', owners: '"devs"' }, { owners: '"devs"' }],
      ["group_member", "devs user:a@x", { group: '"devs"', member: '"user:a@x"' }, {}],
      [
        "group_member",
        "devs user:a@x",
        { group: '"devs"', member: '"user:A@x"' },
        { member: '"user:A@x"' },
      ],
      ["group_nested", "devs all", { group: '"devs"', nested: '"all"' }, {}],
      ["realm", "a:b", { project: '"a"', name: '"b"' }, {}],
      [
        "binding",
        '["a:b","role/r",[]]',
        { project: '"a"', realm: '"b"', role: '"role/r"', conditions: "[1]" },
        { conditions: "[1]" },
      ],
      ["pool", "p", { name: '"p"', realm: '"p"' }, { realm: '"p"' }],
      ["api_key", "k", { id: '"k"' }, { id: '"k"' }],
    ];
  type FieldsOf = Readonly<Record<string, string>>;

  for (const [kind, key, fields, shown] of rows) {
    it(`is shown with the fields that its key does not tell: ${kind} ${key} ${JSON.stringify(shown)}`, () => {
      const told = (sign: string): readonly string[] =>
        Object.entries(shown).map(([field, value]) => `    ${sign} ${field}: ${value}`);
      const created = create(ChangeItemSchema, {
        kind,
        key,
        op: Op.CREATE,
        fields: Object.entries(fields).map(([field, after]) => ({ field, after })),
      });
      assert.deepEqual(formatItem(created), [`+ ${kind} ${key}`, ...told("+")]);
      const deleted = create(ChangeItemSchema, {
        kind,
        key,
        op: Op.DELETE,
        fields: Object.entries(fields).map(([field, before]) => ({ field, before })),
      });
      assert.deepEqual(formatItem(deleted), [`- ${kind} ${key}`, ...told("-")]);
    });
  }

  it("cannot write to the terminal of whoever looks at it", () => {
    const fields = [{ field: "description\u001b", after: '"\u001b[2J"', added: ["\u009b"] }];
    const item = { kind: "group\n", key: "a\u0007", op: Op.UPDATE, fields };
    const text = formatItem(create(ChangeItemSchema, item)).join("");
    assert.doesNotMatch(text, /[\u0000-\u001f\u0080-\u009f]/);
  });
});

describe("the counts of a change", () => {
  it("leave room for what stands behind them: four in a row of the log, and how many more", () => {
    const kinds = ["binding", "group", "pool"].map((kind) => ({ kind, created: 1, updated: 2 }));
    const large = create(ChangeSummarySchema, { kinds });
    assert.equal(
      toChangeRow(create(ChangeSchema, { revision: 1n, summary: large }))[3],
      "+1 binding, ~2 binding, +1 group, ~2 group, and 2 more",
    );
    assert.equal(
      formatCounts(large),
      "+1 binding, ~2 binding, +1 group, ~2 group, +1 pool, ~2 pool",
    );
  });
});
