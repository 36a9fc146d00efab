import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toJson } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import * as fc from "fast-check";
import { parseTime } from "../../../src/cli/log/time-argument.ts";
import { formatCounts, toChangeRow } from "../../../src/cli/log/format-change.ts";
import { formatItem } from "../../../src/cli/log/format-item.ts";
import {
  ChangeItem_Op as Op,
  ChangeItemSchema,
} from "../../../src/gen/fleetgate/admin/v1/change_item_pb.ts";
import {
  ChangeSchema,
  ChangeService,
  type ListChangesRequest,
  type VerifyChangesRequest,
} from "../../../src/gen/fleetgate/admin/v1/change_service_pb.ts";
import { ChangeSummarySchema } from "../../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { everyEffect, everyEffectShown } from "../support/effects.ts";
import { fleetgateError, startFake } from "../support/fake-fleetgate.ts";
import { runCli, type CliResult } from "../support/run-cli.ts";

const at = timestampFromDate(new Date("2030-01-02T03:04:05.678Z"));
const summary = {
  kinds: [
    { kind: "group_member", created: 2, deleted: 1 },
    { kind: "pool", updated: 3 },
  ],
};
const change = { revision: 42n, at, author: "user:ann@example.com", reason: "a\nb", summary };

const listed: ListChangesRequest[] = [];
let total = 2;
let isPruned = false;
let isEmptyLog = false;
const shown: object[] = [];
let verified: VerifyChangesRequest | undefined;
let faults: { revision: bigint; message: string }[] = [];
let reverted: unknown;

const fake = await startFake({
  change: {
    listChanges: (request) => {
      listed.push(request);
      const from = request.pageToken === "" ? 0 : Number(request.pageToken);
      const to = Math.min(from + request.pageSize, total);
      const changes = Array.from({ length: to - from }, (_, index) => ({
        ...change,
        revision: BigInt(total - from - index),
      }));
      return { changes, nextPageToken: to < total ? String(to) : "", revisionToken: "AQ" };
    },
    getChange: ({ revision, group, pageToken }) => {
      shown.push({ revision, group, pageToken });
      const source = group === "" ? "main" : "";
      if (pageToken !== "") {
        const fields = [{ field: "realm", before: '"a:b"', after: '"a:c"' }];
        return { items: [{ kind: "pool", key: "p", op: Op.UPDATE, fields }] };
      }
      return {
        change: { ...change, revision, source, itemsPruned: isPruned },
        nextPageToken: "next",
        revisionToken: "AQ",
        items: [
          {
            kind: "binding",
            key: '["a:b","role/r"]',
            op: Op.UPDATE,
            fields: [{ field: "principals", added: ["group:g", "bot:b"], removed: ["bot:c"] }],
          },
          {
            kind: "group_member",
            key: "devs user:ann@example.com",
            op: Op.CREATE,
            fields: [
              { field: "group", after: '"devs"' },
              { field: "member", after: '"user:Ann@example.com"' },
            ],
          },
          {
            kind: "group_glob",
            key: "devs bot:*",
            op: Op.DELETE,
            erased: true,
            fields: [
              { field: "group", before: '"devs"' },
              { field: "glob", before: '"bot:*"' },
            ],
          },
        ],
      };
    },
    verifyChanges: (request) => {
      verified = request;
      if (request.firstRevision === 10n || isEmptyLog) return { faults };
      return {
        firstRevision: 1n,
        lastRevision: 9n,
        changes: 9n,
        items: 1n,
        changesPruned: 2n,
        itemsErased: 1n,
        faults,
      };
    },
    revertChange: (request) => {
      reverted = toJson(ChangeService.method.revertChange.input, request);
      if (request.revision === 13n) {
        throw fleetgateError(Code.FailedPrecondition, "REVERT_CONFLICT", "in the way");
      }
      const effects = request.validateOnly ? { effects: everyEffect } : {};
      return { revisionToken: "AQ", summary, ...effects };
    },
  },
});

const fleetgate = (...args: readonly string[]): Promise<CliResult> => {
  listed.length = 0;
  shown.length = 0;
  verified = undefined;
  reverted = undefined;
  return runCli([...args, "--endpoint", fake.endpoint]);
};

describe("fleetgate log", () => {
  const table = [
    "REVISION  TIME                  AUTHOR                CHANGES                                REASON",
    "2         2030-01-02T03:04:05Z  user:ann@example.com  +2 group_member, -1 group_member, ~3 pool  a\\u000ab",
  ];

  it("lists changes by itself, the newest first, one a line", async () => {
    for (const args of [["log"], ["log", "list"]]) {
      const { code, stdout, stderr } = await fleetgate(...args);
      assert.deepEqual([code, stderr], [0, ""]);
      const [head, first, ...others] = stdout.trimEnd().split("\n");
      assert.deepEqual(head?.split(/ {2,}/), table[0]?.split(/ {2,}/));
      assert.deepEqual(first?.split(/ {2,}/), table[1]?.split(/ {2,}/));
      assert.equal(others.length, 1);
    }
  });

  it("sends its filters", async () => {
    await fleetgate(
      ...["log", "--author", "bot:b", "--source", "main", "--group", "g", "--kind", "pool"],
      ...["--key", "p", "--since", "2026-01-31", "--until", "2026-02-01T12:00:00+02:00"],
    );
    const [request] = listed.map((one) => toJson(ChangeService.method.listChanges.input, one));
    assert.deepEqual(request, {
      pageSize: 100,
      author: "bot:b",
      source: "main",
      group: "g",
      kind: "pool",
      key: "p",
      since: "2026-01-31T00:00:00Z",
      until: "2026-02-01T10:00:00Z",
    });
  });

  const limits: readonly (readonly [
    args: readonly string[],
    count: number,
    asks: readonly number[],
  ])[] = [
    [[], 100, [100]],
    [["--limit", "1"], 1, [1]],
    [["--limit", "2300"], 2300, [1000, 1000, 300]],
    [["--limit", "2500"], 2500, [1000, 1000, 500]],
    [["--limit", "9999"], 2500, [1000, 1000, 1000]],
    [["--all"], 2500, [1000, 1000, 1000]],
  ];
  for (const [args, count, asks] of limits) {
    it(`shows as many as wanted, and says when there are others: ${args.join(" ")}`, async () => {
      total = 2500;
      const { stdout, stderr } = await fleetgate("log", ...args);
      const json = await fleetgate("log", ...args, "--json");
      total = 2;
      assert.equal(stdout.trimEnd().split("\n").length, count + 1);
      assert.equal(/there are older changes/.test(stderr), count < 2500);
      assert.equal((JSON.parse(json.stdout) as { changes: unknown[] }).changes.length, count);
      assert.deepEqual(
        listed.map(({ pageSize }) => pageSize),
        asks,
      );
    });
  }

  it("says so when there is none", async () => {
    total = 0;
    const none = await fleetgate("log");
    total = 2;
    assert.deepEqual(none, { code: 0, stdout: "", stderr: "no changes\n" });
  });

  for (const args of [
    ["--limit", "0"],
    ["--limit", "x"],
    ["--limit", "1", "--all"],
    ["--key", "p"],
    ["--since", "yesterday"],
    ["--until", "2026-02-30"],
    ["--author", ""],
  ]) {
    it(`ends with 2 for ${args.join(" ")}`, async () => {
      assert.equal((await fleetgate("log", ...args)).code, 2);
      assert.deepEqual(listed, []);
    });
  }
});

describe("a time on the command line", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  const texts: readonly (readonly [text: string, iso: string | undefined])[] = [
    ["7d", "2026-02-22T12:00:00.000Z"],
    ["90m", "2026-03-01T10:30:00.000Z"],
    ["2026-01-31", "2026-01-31T00:00:00.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["2026-01-31T12:00Z", "2026-01-31T12:00:00.000Z"],
    ["2026-01-31T12:00:01.5-01:00", "2026-01-31T13:00:01.500Z"],
    ["9999999d", "0001-01-01T00:00:00.000Z"],
    ["2026-02-29", undefined],
    ["2026-02-31T12:00:00Z", undefined],
    ["2026-13-01", undefined],
    ["2026-01-31T12:00:00", undefined],
    ["2026-01-31T25:00:00Z", undefined],
    ["31.01.2026", undefined],
    ["", undefined],
    ["-7d", undefined],
  ];
  for (const [text, iso] of texts) {
    it(`${JSON.stringify(text)} is ${iso ?? "none"}`, () => {
      const time = parseTime(text, now);
      assert.equal(time === undefined ? undefined : timestampDate(time).toISOString(), iso);
    });
  }

  it("is any day of the calendar, and nothing else that looks like one", () => {
    const day = fc.date({
      min: new Date("0001-01-01"),
      max: new Date("9999-12-31"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(day, (date) => {
        const text = date.toISOString().slice(0, 10);
        const time = parseTime(text, now);
        assert.ok(time !== undefined && timestampDate(time).toISOString().startsWith(text));
      }),
    );
    fc.assert(
      fc.property(fc.nat(9999), fc.nat(99), fc.nat(99), (year, month, dayOfMonth) => {
        const text = [
          String(year).padStart(4, "0"),
          String(month).padStart(2, "0"),
          String(dayOfMonth).padStart(2, "0"),
        ].join("-");
        const last = new Date(Date.UTC(year < 100 ? year + 400 : year, month, 0)).getUTCDate();
        const isDay = month >= 1 && month <= 12 && dayOfMonth >= 1 && dayOfMonth <= last;
        assert.equal(parseTime(text, now) !== undefined, isDay, text);
      }),
    );
  });
});

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

describe("fleetgate log show", () => {
  it("shows a change with all its pages, field by field", async () => {
    assert.deepEqual(await fleetgate("log", "show", "42"), {
      code: 0,
      stderr: "",
      stdout: [
        "revision 42",
        "time: 2030-01-02T03:04:05Z",
        "author: user:ann@example.com",
        "source: main",
        "reason: a\\u000ab",
        '~ binding ["a:b","role/r"]',
        "    - principals: bot:c",
        "    + principals: group:g",
        "    + principals: bot:b",
        "+ group_member devs user:ann@example.com",
        '    + member: "user:Ann@example.com"',
        "- group_glob devs bot:*  (a person was erased from it)",
        "~ pool p",
        '    - realm: "a:b"',
        '    + realm: "a:c"',
        "",
      ].join("\n"),
    });
    assert.deepEqual(shown, [
      { revision: 42n, group: "", pageToken: "" },
      { revision: 42n, group: "", pageToken: "next" },
    ]);
  });

  it("asks about one group, and says when its items are kept no more", async () => {
    isPruned = true;
    const { stdout, stderr } = await fleetgate("log", "show", "7", "--group", "devs");
    isPruned = false;
    assert.match(stdout, /^revision 7\n/);
    assert.match(stderr, /kept no more/);
    assert.deepEqual(shown[0], { revision: 7n, group: "devs", pageToken: "" });
  });

  it("prints one message with --json", async () => {
    const { stdout } = await fleetgate("log", "show", "42", "--json");
    const whole = JSON.parse(stdout) as { change: object; items: object[]; nextPageToken?: string };
    assert.deepEqual([whole.items.length, whole.nextPageToken], [4, undefined]);
  });

  it("ends with 2 for what is no revision", async () => {
    for (const text of ["", "0", "x", "1.5", "99999999999999999999"]) {
      assert.equal((await fleetgate("log", "show", text)).code, 2);
    }
    assert.deepEqual(shown, []);
  });
});

describe("fleetgate log verify", () => {
  it("ends with 4 when the log ends before the first revision to verify", async () => {
    const { code, stdout, stderr } = await fleetgate("log", "verify", "--from", "10");
    assert.deepEqual([code, stdout], [4, "there are no changes to verify\n"]);
    assert.equal(stderr, "nothing was verified: the log ends before revision 10\n");
    assert.equal((await fleetgate("log", "verify", "--from", "10", "--json")).code, 4);
    isEmptyLog = true;
    assert.equal((await fleetgate("log", "verify")).code, 0, "a log without a change is whole");
    isEmptyLog = false;
  });

  it("ends with 0 when the chain holds", async () => {
    assert.deepEqual(await fleetgate("log", "verify", "--from", "3", "--to", "9"), {
      code: 0,
      stderr: "",
      stdout: [
        "the chain holds over revisions 1 to 9: 9 changes and 1 item",
        "2 changes without items: they are kept no more",
        "1 item erased: nobody can tell what they held",
        "",
      ].join("\n"),
    });
    assert.deepEqual([verified?.firstRevision, verified?.lastRevision], [3n, 9n]);
    await fleetgate("log", "verify");
    assert.deepEqual([verified?.firstRevision, verified?.lastRevision], [0n, 0n]);
  });

  it("ends with 4 when it does not, and names the faults", async () => {
    faults = [{ revision: 5n, message: "the hash of an item does not fit" }];
    const { code, stdout } = await fleetgate("log", "verify");
    const json = await fleetgate("log", "verify", "--json");
    assert.deepEqual([code, json.code], [4, 4]);
    assert.match(stdout, /^revision 5: the hash of an item does not fit\nthe chain does NOT hold/);
    assert.equal((JSON.parse(json.stdout) as { faults: unknown[] }).faults.length, 1);
    faults = Array.from({ length: 100 }, () => ({ revision: 5n, message: "m" }));
    assert.match((await fleetgate("log", "verify")).stdout, /there may be more/);
    faults = [];
  });
});

describe("fleetgate revert", () => {
  const counts = "+2 group_member, -1 group_member, ~3 pool";

  it("undoes a change and says what it did", async () => {
    const result = await fleetgate("revert", "42", "--reason", "r");
    const { requestId, ...others } = reverted as { requestId: string };
    assert.deepEqual(others, { revision: "42", reason: "r" });
    assert.match(requestId, /^[0-9a-f-]{36}$/);
    assert.equal(result.code, 0);
    assert.equal(result.stdout, `reverted revision 42: ${counts}\nrevision token: AQ\n`);
  });

  it("only tells the effects with --dry-run", async () => {
    const { stdout } = await fleetgate("revert", "42", "--dry-run");
    assert.deepEqual(reverted, { revision: "42", validateOnly: true });
    const lines = [`would revert revision 42: ${counts}`, ...everyEffectShown];
    assert.deepEqual(stdout.trimEnd().split("\n"), lines);
  });

  it("ends with 4 when something stands in the way", async () => {
    const { code, stderr } = await fleetgate("revert", "13");
    assert.equal(code, 4);
    assert.match(stderr, /^error: in the way\nreason: REVERT_CONFLICT\nhint: revert the later/);
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
