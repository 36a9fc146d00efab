import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { credentialKinds, type CredentialKind } from "../../src/domain/credential/kinds.ts";
import { requirementOf } from "../../src/rpc/admission/method-table.ts";
import { ask, bearer, openBench, type Bench } from "./support/bench.ts";
import { createFakeCredentials, makeCredential, makeTask } from "./support/fake-credentials.ts";
import { allServices, nameOf, unaryMethods } from "./support/services.ts";

// What each method accepts, written down once more: whatever is not listed accepts no credential of a bot or a task.
const anyButOneTime = "boot session task runner";
const accepted: Readonly<Record<string, string>> = {
  ...every("fleetgate.acl.v1.AclService", anyButOneTime, [
    ...["CheckServerPerm", "CheckPoolPerm", "CheckAllPoolsPerm", "CheckAnyPoolsPerm"],
    ...["FilterPoolsByPerm", "CheckTaskPerm", "CheckBotPerm", "CheckCreateInRealm", "CheckActAs"],
    ...["BatchCheck", "BatchCheckPacked"],
  ]),
  ...every("fleetgate.inspect.v1.InspectService", anyButOneTime, [
    ...["Explain", "ListPermissions", "ListPrincipals", "LookupPrincipal"],
  ]),
  ...every("fleetgate.admin.v1.GroupService", anyButOneTime, [
    ...["GetGroup", "ListGroups", "ListMembers"],
  ]),
  ...every("fleetgate.admin.v1.ChangeService", anyButOneTime, [
    ...["ListChanges", "GetChange", "VerifyChanges"],
  ]),
  ...every("fleetgate.credential.v1.BotService", "boot session", ["GetBot", "SetBotState"]),
  ...every("fleetgate.credential.v1.BotService", "boot", ["FetchOnce"]),
  ...every("fleetgate.credential.v1.SessionService", "boot", ["OpenSession"]),
  ...every("fleetgate.credential.v1.SessionService", "resume", ["TakeOverSession"]),
  ...every("fleetgate.credential.v1.SessionService", "session", ["CloseSession"]),
  ...every("fleetgate.credential.v1.TaskService", "session runner", [
    ...["RegisterTask", "RenewHolds", "ReleaseHold", "EndTask"],
  ]),
  ...every("fleetgate.credential.v1.TaskService", "session runner task", [
    "SetTaskState",
    "GetTask",
  ]),
  ...every("fleetgate.credential.v1.CallerService", "session runner", [
    ...["IdentifyCaller", "BatchIdentifyCallers", "WatchRevocations"],
  ]),
  ...every("fleetgate.credential.v1.UrlService", "session runner task", ["SignUrl"]),
  ...every("fleetgate.credential.v1.UrlService", "session runner", ["VerifyUrl"]),
  ...every("fleetgate.credential.v1.ClaimService", "session runner", [
    ...["OpenClaim", "GetClaim", "ListClaims", "WatchClaims", "ExtendClaim", "SupersedeClaim"],
    ...["CancelClaim", "ReportExecutor"],
  ]),
  ...every("fleetgate.credential.v1.ClaimService", "claim", ["PresentClaim"]),
  ...every("fleetgate.credential.v1.RunnerService", "enroll", ["Enroll"]),
  ...every("fleetgate.credential.v1.RunnerService", "runner", ["Heartbeat", "GetRunner"]),
  ...every("fleetgate.credential.v1.CredentialService", "runner", ["RotateCredential"]),
};

function every(service: string, kinds: string, methods: readonly string[]): Record<string, string> {
  return Object.fromEntries(methods.map((method) => [`${service}/${method}`, kinds]));
}

function kindsOf(method: string): ReadonlySet<CredentialKind> {
  const listed = (accepted[method] ?? "").split(" ");
  return new Set(credentialKinds.filter((kind) => listed.includes(kind)));
}

describe("U40: the ladder of kinds", () => {
  const fake = createFakeCredentials();
  let bench: Bench;
  before(async () => {
    bench = await openBench({ credentials: fake.area });
  });
  after(() => bench.close());
  beforeEach(() => fake.reset());

  it("says for each method which kinds it accepts, and there is no other method", async () => {
    const methods = (await allServices()).flatMap((service) => service.methods.map(nameOf));
    for (const method of methods) {
      const { accepts } = requirementOf(method) ?? assert.fail(method);
      assert.deepEqual([...accepts].toSorted(), [...kindsOf(method)].toSorted(), method);
    }
    assert.deepEqual(
      Object.keys(accepted).filter((method) => !methods.includes(method)),
      [],
    );
  });

  it("refuses a kind that is not accepted without looking it up, whatever it would come to", async () => {
    fake.mode = "never";
    const { transport } = bench.wires[0] ?? assert.fail();
    let refused = 0;
    for (const service of await allServices()) {
      for (const method of unaryMethods(service)) {
        const texts = credentialKinds.map((kind) => [kind, makeCredential(kind, "x").token]);
        for (const [kind, token] of [...texts, ["task", "x".repeat(40)]]) {
          if (kindsOf(nameOf(method)).has(kind as CredentialKind)) continue;
          const reply = await ask(transport, method, {}, bearer(token ?? ""));
          assert.equal(reply.reason, "CREDENTIAL_REQUIRED", `${nameOf(method)}, ${kind}`);
          assert.deepEqual(fake.denied.at(-1)?.why, "wrong_kind");
          refused += 1;
        }
      }
    }
    assert.ok(refused > 100);
    assert.equal(fake.asked.length, 0);
  });

  it("asks with exactly the kinds that the method accepts, for this server", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    for (const service of await allServices()) {
      for (const method of unaryMethods(service)) {
        // Its command asks the database itself.
        if (requirementOf(nameOf(method))?.kind === "unjudged") continue;
        for (const kind of kindsOf(nameOf(method))) {
          fake.asked.length = 0;
          await ask(transport, method, {}, bearer(makeCredential(kind, "x").token));
          const [inquiry] = fake.asked;
          assert.deepEqual(inquiry?.accepts, kindsOf(nameOf(method)), nameOf(method));
          assert.equal(inquiry.audience, "fleetgate");
          assert.equal(inquiry.source, "127.0.0.1");
        }
      }
    }
  });

  it("lets a task that may only report nowhere but to itself, and denies it every check", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const subject = makeTask("t", { state: "canceling" });
    const token = fake.admit(makeCredential("task", "t", { subject }), "report");
    const served: string[] = [];
    for (const service of await allServices()) {
      for (const method of unaryMethods(service)) {
        if (!kindsOf(nameOf(method)).has("task")) continue;
        const reply = await ask(transport, method, {}, bearer(token));
        if (reply.reason !== "TASK_NOT_ACTIVE") served.push(method.name);
        else assert.deepEqual(reply.metadata, { task_state: "canceling" });
      }
    }
    const checks = Object.keys(accepted).filter((name) => name.includes("AclService"));
    const names = checks.map((name) => name.split("/")[1] ?? "");
    assert.deepEqual(
      served.toSorted(),
      [...names, "Explain", "GetTask", "SetTaskState"].toSorted(),
    );
    const wants = new Map(fake.asked.map((asked) => [asked.wantPermission, true]));
    assert.deepEqual([...wants.keys()], [undefined, "fleetgate.tasks.report"]);
  });
});
