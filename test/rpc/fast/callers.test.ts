import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, beforeEach, before, describe, it } from "node:test";
import { fromBinary, toBinary, create } from "@bufbuild/protobuf";
import { refusals, type Verdict } from "../../../src/credentials/verdict.ts";
import {
  CallerService,
  IdentifyCallerRequestSchema,
  IdentifyCallerResponseSchema,
} from "../../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { bearer } from "../support/bench.ts";
import { envelope } from "../support/exchange.ts";
import { makeCredential, makeTask } from "../support/fake-credentials.ts";
import { now } from "../support/keys.ts";
import { binding, createState, keys, usual } from "../support/world.ts";
import { questions, shown, shownCredentials } from "./support/caller-requests.ts";
import { forms, makeCase, permission, type Form } from "./support/make-case.ts";
import { takenAlike } from "./support/taken-alike.ts";
import { openTwins, type Seen, type Twins } from "./support/twins.ts";

const { identifyCaller, batchIdentifyCallers } = CallerService.method;

/** `service:scheduler` may identify callers in realm `acme:tasks`, where tasks may do something. */
const world = {
  ...usual,
  projects: usual.projects.map((project) => ({
    ...project,
    customRoles: [
      {
        ...{ name: "customRole/identify", includes: [], unresolved: false },
        permissions: ["fleetgate.callers.identify"],
      },
    ],
    realms: project.realms.map((realm) => ({
      ...realm,
      bindings:
        realm.name === "tasks"
          ? [
              binding("customRole/identify", "service:scheduler"),
              binding("role/swarming.poolUser", "task:t1"),
            ]
          : realm.bindings,
    })),
  })),
};

const { record } = shown.task;
const wrong = questions.filter(({ audience, wantPermission, targetSubject, freshness }) => {
  return (
    audience !== "cache" ||
    wantPermission === "x" ||
    targetSubject === "user:ann@example.com" ||
    typeof freshness === "number"
  );
});

const verdicts: readonly Verdict[] = [
  { kind: "good", record, use: "all" },
  { kind: "good", record, use: "report" },
  { kind: "good", record: shown.bot.record, use: "all" },
  { kind: "good", record: { ...record, expiresAt: now.getTime() + 900 }, use: "all" },
  { kind: "good", record: { ...record, epoch: -1n, generation: 2 ** 31 - 1 }, use: "all" },
  ...refusals.map((why) => ({ kind: "refused", why, record }) as const),
  { kind: "refused", why: "unknown", record: undefined },
  { kind: "not_active", why: "state", record },
  { kind: "mismatch", record },
  { kind: "lacks", record, permission: "a.b.ü" },
  { kind: "unavailable", cause: new Error("down") },
  { kind: "too_many" },
];

describe("callers on the fast path", () => {
  const fake = shownCredentials();
  let twins: Twins;
  before(async () => {
    twins = await openTwins({ credentials: fake.area });
    for (const twin of [twins.fast, twins.stock]) twin.replica.state = createState(world);
  });
  after(() => twins.close());
  beforeEach(() => fake.reset());

  const ask = (
    form: Form,
    method: typeof identifyCaller | typeof batchIdentifyCallers,
    request: Parameters<typeof makeCase>[3],
    otherwise: Parameters<typeof makeCase>[4] = {},
    peer = keys.scheduler.token,
  ): Promise<Seen> => {
    const headers = { ...bearer(peer), ...otherwise.headers };
    return takenAlike(twins, fake, makeCase("", form, method, request, { ...otherwise, headers }));
  };
  const replayed = (): number => twins.fast.rpc.fastPath.counts.replayed;
  const one = { token: "shown", audience: "cache" };

  it("are told as by the stock handler, whatever the verdict, whoever asks, at once or later", async () => {
    const codes = new Set<string>();
    for (const mode of ["now", "later"] as const) {
      fake.mode = mode;
      for (const verdict of verdicts) {
        fake.verdicts.set("shown", verdict);
        for (const form of forms) {
          for (const { token } of [keys.scheduler, keys.root, keys.narrow]) {
            const before = replayed();
            const { records } = await ask(form, identifyCaller, one, {}, token);
            codes.add((records[0] as { code: string }).code);
            assert.equal(replayed() - before, mode === "now" ? 0 : 1);
          }
        }
      }
    }
    const wanted = [
      "ok",
      "permission_denied",
      "resource_exhausted",
      "unauthenticated",
      "unavailable",
    ];
    assert.deepEqual([...codes].toSorted(), wanted);
  });

  it("are told in batches as by the stock handler, good ones among others", async () => {
    for (const [index, verdict] of verdicts.entries()) fake.verdicts.set(`t${index}`, verdict);
    const requests = [
      ...verdicts.map((_, index) => ({ ...one, token: `t${index}` })),
      { ...one, token: "x".repeat(100_000) },
      ...wrong,
    ];
    for (const form of forms) {
      for (const accepted of ["gzip", "br", ""]) {
        const before = replayed();
        const header = form === "grpc" ? "grpc-accept-encoding" : "accept-encoding";
        const headers = { [header]: accepted };
        const { records } = await ask(form, batchIdentifyCallers, { requests }, { headers });
        assert.equal((records[0] as { code: string }).code, "ok");
        assert.equal(replayed(), before);
      }
      // One that has to be waited for has all of them wait.
      const before = replayed();
      const strict = { ...one, freshness: "FRESHNESS_STRICT" };
      await ask(form, batchIdentifyCallers, { requests: [...requests, strict] });
      assert.equal(replayed(), before + 1);
    }
  });

  it("are asked for in odd messages as at the stock handler", async () => {
    fake.admit(shown.task);
    const message = toBinary(
      IdentifyCallerRequestSchema,
      create(IdentifyCallerRequestSchema, { token: shown.task.token, audience: "cache" }),
    );
    const odd: readonly (readonly number[])[] = [
      ...[
        [0x28, 0x00],
        [0x28, 0x01],
        [0x28, 0x02],
        [0x28, 0x03],
        [0x28, 0x81, 0x00],
      ],
      [0x28, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      ...[[0x28], [0x28, 0x80], [0x2a, 0x01, 0x02], [0x2d, 0, 0, 0, 0], [0x28, 0x01, 0x28, 0x02]],
      ...[
        [0x0a, 0x01, 0x78],
        [0x0a, 0x01, 0xff],
        [0x0a, 0x02, 0xc3, 0xbc],
        [0x0a, 0x05],
      ],
      ...[
        [0x30, 0x01],
        [0x12, 0x01, 0x41],
        [0x22, 0x00],
        [0x22, 0x01, 0x78],
      ],
    ];
    for (const bytes of odd) {
      const body = Buffer.concat([message, Buffer.from(bytes)]);
      const inner = Buffer.concat([Buffer.from([0x0a, body.length % 128]), body]);
      assert.ok(body.length < 128, "the length takes one byte");
      for (const [method, plain] of [
        [identifyCaller, body],
        [batchIdentifyCallers, inner],
      ] as const) {
        await ask("proto", method, {}, { pieces: [plain] });
        await ask("grpc", method, {}, { pieces: [envelope(plain)] });
      }
    }
    for (const text of [
      `{"token":"${shown.task.token}","audience":"cache","freshness":"FRESHNESS_NONE"}`,
      `{"token":"${shown.task.token}","audience":"cache","freshness":1}`,
      `{"token":"${shown.task.token}","audience":"cache","freshness":null,"want_permission":""}`,
      `{"token":null,"audience":"cache"}`,
      `{"token":"x","tokens":["y"],"audience":"cache"}`,
    ]) {
      await ask("json", identifyCaller, {}, { pieces: [Buffer.from(text)] });
      const batch = Buffer.from(`{"requests":[${text}]}`);
      await ask("json", batchIdentifyCallers, {}, { pieces: [batch] });
    }
  });

  const told = async (token: string, peer?: string) => {
    const seen = await ask("proto", identifyCaller, { token, audience: "cache" }, {}, peer);
    return fromBinary(IdentifyCallerResponseSchema, Buffer.from(seen.body, "latin1"));
  };

  it("are told anew when their record, its use, the configuration or the time is another one", async () => {
    const { token } = shown.task;
    fake.admit(shown.task);
    const first = await told(token);
    assert.ok(first.caller?.permissions.includes(permission) && first.assertion !== "");
    assert.deepEqual(await told(token), first);

    fake.admit(shown.task, "report");
    assert.deepEqual((await told(token)).caller?.permissions, ["fleetgate.tasks.report"]);
    fake.admit(makeCredential("task", "t1", { subject: makeTask("t1", { version: 9n }) }));
    assert.equal((await told(token)).caller?.version, 9n);

    fake.admit(shown.task);
    fake.time += 1000;
    const later = await told(token);
    assert.deepEqual(later.caller, first.caller);
    assert.notEqual(later.assertion, first.assertion);
    assert.equal(
      Number(later.assertionExpiresAt?.seconds) - Number(first.assertionExpiresAt?.seconds),
      1,
    );
    assert.notEqual((await told(token, keys.root.token)).assertion, later.assertion);

    const bare = { ...usual, groups: world.groups };
    for (const twin of [twins.fast, twins.stock]) twin.replica.state = createState(bare, 8n);
    const less = await told(token, keys.root.token);
    assert.deepEqual(less.caller?.permissions, ["fleetgate.tasks.report"]);
    for (const twin of [twins.fast, twins.stock]) twin.replica.state = createState(world);
    assert.ok((await told(token)).caller?.permissions.includes(permission));
  });
});
