import assert from "node:assert/strict";
import { create, type DescMethodUnary } from "@bufbuild/protobuf";
import { after, before, beforeEach, describe, it } from "node:test";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { GroupService } from "../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { InspectService } from "../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { refusals, type Verdict } from "../../src/credentials/verdict.ts";
import { ask, bearer, openBench, type Bench } from "./support/bench.ts";
import {
  createFakeCredentials,
  makeCredential,
  makeTask,
  type TestCredential,
} from "./support/fake-credentials.ts";
import { now } from "./support/keys.ts";
import { rawCalls, textOf } from "./support/raw-calls.ts";
import { until } from "./support/watch-bench.ts";
import { createState, group, keys, usual } from "./support/world.ts";

const { checkServerPerm, checkPoolPerm } = AclService.method;
const permission = "swarming.pools.listBots";
const inPool = { permission, pool: "ci" };

/** Bot `ci-1` may see the bots of pool `ci`. */
const world = {
  ...usual,
  projects: usual.projects.map((project) => ({
    ...project,
    realms: project.realms.map((realm) =>
      realm.name === "pools/ci"
        ? {
            ...realm,
            bindings: [
              {
                role: "role/swarming.poolViewer",
                principals: ["bot:ci-1", "task:t1"],
                conditions: [],
              },
            ],
          }
        : realm,
    ),
  })),
};

describe("a peer with the credential of a bot or a task", () => {
  const fake = createFakeCredentials();
  let bench: Bench;
  before(async () => {
    bench = await openBench({ credentials: fake.area });
  });
  after(() => bench.close());
  beforeEach(() => {
    fake.reset();
    bench.replica.state = createState(world);
    bench.records.length = 0;
    bench.keyUses.length = 0;
  });

  const first = () => (bench.wires[0] ?? assert.fail()).transport;

  it("is who the record says, over every wire, judged at once or waited for, and so are the log and the books (L25)", async () => {
    const boot = makeCredential("session", "ci-1");
    const token = fake.admit(boot);
    for (const mode of ["now", "later"] as const) {
      fake.mode = mode;
      for (const { transport, name } of bench.wires) {
        bench.records.length = 0;
        const reply = await ask(transport, checkPoolPerm, inPool, bearer(token));
        assert.equal(reply.code, "ok", `${name}, ${mode}: ${reply.message}`);
        const { peer, credential, caller } = bench.records[0] ?? assert.fail();
        assert.deepEqual(
          [peer, credential, caller],
          ["bot:ci-1", `session ${boot.record.id}`, "bot:ci-1"],
        );
        const denied = await ask(
          transport,
          checkPoolPerm,
          { ...inPool, pool: "secret" },
          bearer(token),
        );
        assert.equal(denied.reason, "PERMISSION_DENIED", name);
      }
    }
    assert.deepEqual(new Set(fake.used.map(({ id }) => id)), new Set([boot.record.id]));
    assert.deepEqual(bench.keyUses, []);
    assert.deepEqual(fake.denied, []);
  });

  it("U15: is nobody else, whatever headers say", async () => {
    const token = fake.admit(makeCredential("session", "ci-1"));
    const headers = {
      ...bearer(token),
      "x-forwarded-for": "6.6.6.6",
      forwarded: "for=6.6.6.6",
      "x-real-ip": "6.6.6.6",
      "x-fleetgate-identity": "user:root@example.com",
      from: "user:root@example.com",
    };
    const request = { permission: "swarming.servers.peek" };
    for (const { transport, name } of bench.wires) {
      const reply = await ask(transport, checkServerPerm, request, headers);
      assert.equal(reply.reason, "PERMISSION_DENIED", name);
    }
    assert.ok(bench.records.every(({ peer }) => peer === "bot:ci-1"));
    assert.deepEqual([...new Set(fake.asked.map(({ source }) => source))], ["127.0.0.1"]);
  });

  it("takes a token that a forge made for a task's, and none that has the head of ours", async () => {
    const made = makeCredential("task", "t1", { permissions: [permission] });
    for (const text of ["x".repeat(32), `${"a+/".repeat(20)}==`, "y".repeat(512)]) {
      fake.admit({ record: made.record, token: text });
      const reply = await ask(first(), checkPoolPerm, inPool, bearer(text));
      assert.equal(reply.code, "ok", text.slice(0, 8));
    }
    fake.mode = "never";
    for (const text of [`fg1_${"x".repeat(40)}`, "x".repeat(31), "x".repeat(513)]) {
      const reply = await ask(first(), checkPoolPerm, inPool, bearer(text));
      assert.equal(reply.reason, "CREDENTIAL_REQUIRED", text.slice(0, 8));
    }
  });

  const { record, token } = makeCredential("task", "t1", {
    subject: makeTask("t1", { state: "canceled" }),
  });
  const bytesOf = async (method: typeof checkPoolPerm, text: string): Promise<string[]> => {
    const message = create(method.input, inPool);
    const all = [];
    for (const call of Object.values(rawCalls)) {
      all.push(textOf(await call(bench, text, method, message)));
    }
    return all;
  };

  it("U10, U13, LH7: is UNAUTHENTICATED with the same bytes for every cause, on every wire, and names nobody in the log", async () => {
    const wanted = await bytesOf(checkPoolPerm, "nothing");
    assert.match(wanted.at(-1) ?? "", /CREDENTIAL_REQUIRED/);
    for (const mode of ["now", "later"] as const) {
      fake.mode = mode;
      const verdicts: readonly Verdict[] = [
        ...refusals.map((why) => ({ kind: "refused", why, record: undefined }) as const),
        ...refusals.map((why) => ({ kind: "refused", why, record }) as const),
        { kind: "mismatch", record },
        { kind: "lacks", record, permission: "x" },
      ];
      for (const verdict of verdicts) {
        fake.verdicts.set(token, verdict);
        assert.deepEqual(await bytesOf(checkPoolPerm, token), wanted, JSON.stringify(verdict.kind));
      }
      assert.deepEqual(
        await bytesOf(checkPoolPerm, makeCredential("boot", "nobody").token),
        wanted,
      );
      const wrongKind = makeCredential("resume", "ci-1").token;
      assert.deepEqual(await bytesOf(checkPoolPerm, wrongKind), wanted);
      assert.deepEqual(await bytesOf(checkPoolPerm, `${token}x`), wanted);
    }
    assert.ok(
      bench.records.every(({ peer }) => peer === ""),
      "no subject in the log",
    );
  });

  it("tells a task that has ended its state, and only by the right token", async () => {
    fake.verdicts.set(token, { kind: "not_active", why: "state", record });
    for (const { transport, name } of bench.wires) {
      const reply = await ask(transport, checkPoolPerm, inPool, bearer(token));
      assert.equal(reply.code, "permission_denied", name);
      assert.equal(reply.reason, "TASK_NOT_ACTIVE", name);
      assert.deepEqual(reply.metadata, { task_state: "canceled" });
    }
    const { why, id } = fake.denied[0] ?? assert.fail();
    assert.deepEqual([why, id], ["state", record.id]);
  });

  it("says in the log and in the books which task was refused that may only report", async (context) => {
    const { used } = fake.area.bookkeeping;
    const uses = context.mock.method(fake.area.bookkeeping, "used", used).mock;
    fake.admit({ record, token }, "report");
    for (const { transport, name } of bench.wires) {
      const reply = await ask(transport, InspectService.method.listPermissions, {}, bearer(token));
      assert.equal(reply.reason, "TASK_NOT_ACTIVE", name);
    }
    // A call is told of once its answer is sent, maybe after it was read.
    const refused = () => bench.records.filter(({ method }) => method.endsWith("/ListPermissions"));
    await until(() => refused().length === bench.wires.length);
    for (const { peer, credential } of refused()) {
      assert.deepEqual([peer, credential], ["task:t1", `task ${record.id}`]);
    }
    const callers = uses.calls.map(({ arguments: [, , by] }) => by.caller);
    assert.deepEqual(
      callers,
      bench.wires.map(() => "task:t1"),
    );
  });

  it("U20: whoever cannot be told gets UNAVAILABLE, on AclService INTERNAL", async () => {
    fake.verdicts.set(token, { kind: "unavailable", cause: new Error("down") });
    for (const { transport, name } of bench.wires) {
      const check = await ask(transport, checkPoolPerm, inPool, bearer(token));
      assert.deepEqual([check.code, check.reason], ["internal", "CHECK_UNAVAILABLE"], name);
      const { listPermissions } = InspectService.method;
      const list = await ask(transport, listPermissions, {}, bearer(token));
      assert.deepEqual([list.code, list.reason], ["unavailable", "STORAGE_UNAVAILABLE"], name);
    }
    fake.verdicts.set(token, { kind: "too_many" });
    for (const { transport, name } of bench.wires) {
      const reply = await ask(transport, checkPoolPerm, inPool, bearer(token));
      assert.equal(reply.reason, "TOO_MANY_ATTEMPTS", name);
      assert.equal(reply.code, "resource_exhausted");
    }
  });

  it("U16: is refused when there are two credentials, also the same twice", async () => {
    fake.admit({ record, token });
    const two = [`${token}, Bearer ${token}`, `${token} ${token}`, `${token},${keys.ann.token}`];
    for (const text of two) {
      const reply = await ask(first(), checkPoolPerm, inPool, bearer(text));
      assert.equal(reply.reason, "CREDENTIAL_REQUIRED");
    }
  });

  it("is never an administrator, whoever put it into their group", async () => {
    bench.replica.state = createState({
      ...world,
      groups: [group("administrators", ["user:root@example.com", "bot:ci-1"])],
    });
    const bot = fake.admit(makeCredential("session", "ci-1"));
    const { listGroups, createGroup } = GroupService.method;
    for (const [method, reason] of [
      [listGroups, "GROUP_REQUIRED"],
      [createGroup, "CREDENTIAL_REQUIRED"],
      [InspectService.method.lookupPrincipal, "GROUP_REQUIRED"],
      [InspectService.method.explain, "GROUP_REQUIRED"],
    ] as const) {
      const reply = await ask(first(), method as DescMethodUnary, {}, bearer(bot));
      assert.equal(reply.reason, reason, method.name);
    }
    const requirement = { case: "atExactRevision", value: 1n } as const;
    const earlier = { ...inPool, consistency: { requirement } };
    const reply = await ask(first(), checkPoolPerm, earlier, bearer(bot));
    assert.equal(reply.reason, "HISTORY_FORBIDDEN");
  });

  it("fails as the gate does when it has ended while the body came", async () => {
    for (const mode of ["now", "later"] as const) {
      fake.reset();
      fake.mode = mode;
      let asked = 0;
      const good = makeCredential("session", "ci-1");
      fake.verdicts.set(good.token, () => {
        asked += 1;
        if (mode === "later") fake.mode = "now";
        return asked === 1
          ? { kind: "good", record: good.record, use: "all" }
          : { kind: "refused", why: "revoked", record: good.record };
      });
      const reply = await ask(first(), checkPoolPerm, inPool, bearer(good.token));
      assert.equal(reply.reason, "CREDENTIAL_REQUIRED", mode);
      assert.equal(fake.denied.at(-1)?.why, "revoked");
    }
  });

  describe("while the body comes, and memory does not tell any more", () => {
    const bot = makeCredential("session", "ci-1");
    const held = makeCredential("task", "t1", {
      subject: makeTask("t1", { deadline: now.getTime() + 1000 }),
      permissions: [permission],
    });
    // What becomes of a call that was judged once, if this happens before it is judged again.
    const after = async ({ record, token: text }: TestCredential, meanwhile: () => void) => {
      fake.reset();
      fake.verdicts.set(text, () => {
        meanwhile();
        fake.mode = "later";
        return { kind: "good", record, use: "all" };
      });
      return (await ask(first(), checkPoolPerm, inPool, bearer(text))).reason;
    };

    it("goes on with the verdict for as long as any is good", async () => {
      assert.equal(await after(bot, () => {}), "");
      assert.equal(await after(bot, () => (fake.standing = "unknown")), "");
      assert.equal(await after(held, () => {}), "");
    });

    it("cannot tell beyond that, nor where somebody may do less since, nor when time made it another one", async () => {
      // The verdict is noted after it was made, so only the second look is later.
      const late = (ms: number) => () => queueMicrotask(() => (fake.time += ms));
      assert.equal(await after(bot, late(2000)), "CHECK_UNAVAILABLE");
      assert.equal(await after(bot, late(1999)), "");
      assert.equal(await after(held, late(1000)), "CHECK_UNAVAILABLE");
      assert.equal(await after(bot, () => (fake.standing = "ended")), "CHECK_UNAVAILABLE");
    });
  });
});
