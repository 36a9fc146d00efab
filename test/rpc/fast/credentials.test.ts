import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { DescMethodUnary, JsonObject } from "@bufbuild/protobuf";
import { signAssertion } from "../../../src/credentials/assertion.ts";
import type { Verdict } from "../../../src/credentials/verdict.ts";
import { AclService } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { parseIdentity } from "../../../src/domain/identity.ts";
import { bearer } from "../support/bench.ts";
import { createFakeCredentials, makeCredential, makeTask } from "../support/fake-credentials.ts";
import { binding, createState, keys, usual } from "../support/world.ts";
import { takenAlike } from "./support/taken-alike.ts";
import {
  aclMethods,
  bodyOf,
  forms,
  good,
  headersOf,
  makeCase,
  methods,
  permission,
} from "./support/make-case.ts";
import { there } from "./support/talk.ts";
import { openTwins, type Seen, type Twins } from "./support/twins.ts";

const { checkPoolPerm, batchCheck } = AclService.method;

const world = {
  ...usual,
  projects: usual.projects.map((project) => ({
    ...project,
    realms: project.realms.map((realm) => ({
      ...realm,
      bindings:
        realm.name === "pools/ci" ? [binding("role/swarming.poolUser", "bot:b1", "task:t1")] : [],
    })),
  })),
};

const bot = makeCredential("session", "b1");
const task = makeCredential("task", "t1", { permissions: [permission] });
const ended = makeCredential("task", "t1", { subject: makeTask("t1", { state: "failed" }) });

const verdicts: Readonly<Record<string, Verdict>> = {
  "a bot": { kind: "good", record: bot.record, use: "all" },
  "a task": { kind: "good", record: task.record, use: "all" },
  "a task without permissions": {
    kind: "good",
    record: { ...task.record, permissions: [] },
    use: "all",
  },
  "a task that is to stop": { kind: "good", record: task.record, use: "report" },
  "a task that has ended": { kind: "not_active", why: "state", record: ended.record },
  refused: { kind: "refused", why: "revoked", record: task.record },
  unknown: { kind: "refused", why: "unknown", record: undefined },
  unavailable: { kind: "unavailable", cause: new Error("down") },
  "too many": { kind: "too_many" },
};

describe("bearers of bots and tasks on the fast path", () => {
  const fake = createFakeCredentials();
  let twins: Twins;
  before(async () => {
    twins = await openTwins({ credentials: fake.area });
    for (const twin of [twins.fast, twins.stock]) twin.replica.state = createState(world);
  });
  after(() => twins.close());
  afterEach(() => fake.reset());

  const taken = (...given: Parameters<typeof makeCase>): Promise<Seen> =>
    takenAlike(twins, fake, makeCase(...given));
  const codeOf = ({ records }: Seen): string => (records[0] as { code: string }).code;

  it("are answered as by the stock handler, whatever the verdict, at once or later", async () => {
    const codes = new Set<string>();
    for (const mode of ["now", "later"] as const) {
      for (const [name, verdict] of Object.entries(verdicts)) {
        for (const text of [task.token, bot.token, "x".repeat(40)]) {
          fake.reset();
          fake.mode = mode;
          fake.verdicts.set(text, verdict);
          for (const form of forms) {
            const headers = bearer(text);
            codes.add(codeOf(await taken(name, form, checkPoolPerm, good, { headers })));
          }
        }
      }
    }
    const wanted = ["internal", "ok", "permission_denied", "resource_exhausted", "unauthenticated"];
    assert.deepEqual([...codes].toSorted(), wanted);
  });

  it("bypass no method: each is asked for the kinds that it accepts", async () => {
    fake.admit(task);
    fake.admit(bot);
    const accepted = (method: DescMethodUnary) =>
      aclMethods.includes(method)
        ? ({ text: task.token, kinds: ["boot", "session", "task", "runner"] } as const)
        : ({ text: bot.token, kinds: ["session", "runner"] } as const);
    for (const form of forms) {
      for (const method of methods) {
        const { text, kinds } = accepted(method);
        fake.asked.length = 0;
        await taken("one that is accepted", form, method, {}, { headers: bearer(text) });
        assert.ok(fake.asked.length >= 2);
        for (const { accepts, source } of fake.asked) {
          assert.deepEqual(accepts, new Set(kinds));
          assert.equal(source, "127.0.0.1");
        }
        fake.asked.length = 0;
        const { token } = makeCredential("resume", "b1");
        const refused = await taken("a resume token", form, method, {}, { headers: bearer(token) });
        assert.equal(codeOf(refused), "unauthenticated");
        assert.equal(fake.asked.length, 0);
      }
    }
  });

  it("are not remembered: a verdict is another one at the next call of the connection", async () => {
    for (const name of ["a bot", "refused", "a bot", "unavailable", "a bot"]) {
      fake.verdicts.set(bot.token, verdicts[name] ?? assert.fail());
      const headers = bearer(bot.token);
      const seen = await taken(name, "grpc", checkPoolPerm, good, { headers });
      assert.equal(codeOf(seen) === "ok", name === "a bot", name);
    }
  });

  it("are refused when they have ended between the head and the body", async () => {
    const statuses: string[] = [];
    for (const twin of [twins.fast, twins.stock]) {
      fake.reset();
      fake.admit(bot);
      const session = await twin.session("cleartext");
      const headers = { ...headersOf("grpc", checkPoolPerm), ...bearer(bot.token) };
      const stream = session.request(headers);
      const trailers = new Promise((resolve) => stream.once("trailers", resolve));
      stream.resume();
      while (fake.used.length === 0) await there(session);
      fake.verdicts.delete(bot.token);
      stream.end(bodyOf("grpc", checkPoolPerm, good));
      statuses.push(((await trailers) as Record<string, string>)["grpc-status"] ?? "");
    }
    assert.deepEqual(statuses, ["16", "16"]);
  });

  it("prove their callers to others as to the stock handler", async () => {
    const peer = parseIdentity("service:scheduler") ?? assert.fail();
    const wanted = { record: task.record, use: "all", permissions: [permission], peer } as const;
    const text = signAssertion(fake.area.keyring, wanted, fake.time)?.text ?? assert.fail();
    const headers = bearer(keys.scheduler.token);
    for (const form of forms) {
      for (const callerAssertion of [text, `${text.slice(0, -2)}AA`, "x", ""]) {
        const question: JsonObject = { ...good, caller: "task:t1", callerAssertion };
        const seen = await taken("a proof", form, checkPoolPerm, question, { headers });
        assert.equal(codeOf(seen), callerAssertion === text ? "ok" : "failed_precondition");
        const checks = [{ pool: question }, { pool: { ...question, pool: "secret" } }];
        await taken("proofs", form, batchCheck, { checks }, { headers });
      }
      fake.standing = "unknown";
      const question = { ...good, caller: "task:t1", callerAssertion: text };
      const seen = await taken("nobody can tell", form, checkPoolPerm, question, { headers });
      assert.equal(codeOf(seen), "internal");
      fake.standing = "current";
    }
  });
});
