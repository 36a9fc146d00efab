import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AclService,
  ApiKeyService,
  ChangeService,
  ConfigService,
  GroupService,
  InspectService,
  BotService,
  CallerService,
  ClaimService,
  CredentialService,
  GateService,
  KeyService,
  RunnerService,
  SessionService,
  TaskService,
  UrlService,
} from "../../../src/client/index.ts";
import { isAnswer, isQuick, isRead, isRepeatable } from "../../../src/client/node/call-policy.ts";

const writes = [
  "ConfigService.Apply",
  "ApiKeyService.Create",
  "ApiKeyService.Revoke",
  "GroupService.CreateGroup",
  "GroupService.UpdateGroup",
  "GroupService.DeleteGroup",
  "GroupService.AddMembers",
  "GroupService.RemoveMembers",
  "GroupService.ImportGroups",
  "GroupService.TakeOverGroup",
  "GroupService.ReturnGroup",
  "ChangeService.RevertChange",
];

describe("which calls may be repeated", () => {
  const services = [AclService, InspectService, ConfigService, ApiKeyService, GroupService];
  for (const service of [...services, ChangeService]) {
    for (const method of service.methods) {
      const name = `${service.name}.${method.name}`;
      const isWrite = writes.includes(name);
      const isStream = method.methodKind !== "unary";
      const rule = isStream ? "never" : isWrite ? "only with a request_id" : "always";
      it(`${name}: ${rule}`, () => {
        assert.equal(isRead(method), !isWrite);
        assert.equal(isRepeatable(method, {}), !isWrite);
        assert.equal(isRepeatable(method, { requestId: "" }), !isWrite);
        assert.equal(isRepeatable(method, { requestId: "r" }), !isStream);
        assert.equal(isQuick(method), service === AclService || service === InspectService);
        if (isStream) return;
        const hasRequestId = method.input.fields.some(({ name }) => name === "request_id");
        assert.equal(hasRequestId, isWrite, "what can be idempotent writes, and nothing else does");
      });
    }
  }
});

/** What each method of `fleetgate.credential.v1` is: a read, a write that is never repeated, or one that is with this field. */
const credentialMethods: Readonly<
  Record<string, "read" | "never" | "always" | { readonly by: string }>
> = {
  "CallerService.IdentifyCaller": "read",
  "CallerService.BatchIdentifyCallers": "read",
  "CallerService.WatchRevocations": "never",
  "BotService.CreateBot": { by: "uid" },
  "BotService.GetBot": "read",
  "BotService.ListBots": "read",
  "BotService.SetBotState": "never",
  "BotService.RequeueBot": "never",
  "BotService.DeleteBot": { by: "uid" },
  "BotService.IssueBootToken": "never",
  "BotService.FetchOnce": "never",
  "BotService.ReturnFetch": "never",
  "SessionService.OpenSession": "never",
  "SessionService.TakeOverSession": { by: "nonce" },
  "SessionService.CloseSession": "never",
  "TaskService.RegisterTask": { by: "holdId" },
  "TaskService.RenewHolds": "always",
  "TaskService.ReleaseHold": "always",
  "TaskService.SetTaskState": "never",
  "TaskService.EndTask": "always",
  "TaskService.GetTask": "read",
  "ClaimService.OpenClaim": { by: "claimId" },
  "ClaimService.PresentClaim": { by: "nonce" },
  "ClaimService.GetClaim": "read",
  "ClaimService.ListClaims": "read",
  "ClaimService.WatchClaims": "never",
  "ClaimService.ExtendClaim": "always",
  "ClaimService.SupersedeClaim": { by: "newClaimId" },
  "ClaimService.CancelClaim": "always",
  "ClaimService.ReportExecutor": "always",
  // By the time of a second call another may be meant by the id, or somebody else may have said the contrary.
  "RunnerService.CreateRunner": "never",
  "RunnerService.SetRunnerPaused": "never",
  "RunnerService.DeleteRunner": "never",
  "RunnerService.DeleteManager": "never",
  "RunnerService.GetRunner": "read",
  "RunnerService.ListRunners": "read",
  "RunnerService.ListManagers": "read",
  "RunnerService.CreateEnrollToken": "never",
  "RunnerService.Enroll": { by: "nonce" },
  "RunnerService.Heartbeat": "always",
  "UrlService.SignUrl": "read",
  "UrlService.VerifyUrl": "read",
  "CredentialService.GetCredential": "read",
  "CredentialService.ListCredentials": "read",
  "CredentialService.RevokeCredential": { by: "credentialId" },
  "CredentialService.RotateCredential": { by: "nonce" },
  "CredentialService.ListAuditEvents": "read",
  "KeyService.ListKeys": "read",
  "KeyService.ActivateKey": "never",
  "KeyService.RetireKey": "never",
  "GateService.AcquireGate": "always",
  "GateService.RenewGate": "always",
  "GateService.ReleaseGate": "always",
  "GateService.ListGates": "read",
};

describe("which calls about credentials may be repeated", () => {
  const services = [BotService, CallerService, ClaimService, CredentialService, GateService];
  const others = [KeyService, RunnerService, SessionService, TaskService, UrlService];
  const methods = [...services, ...others].flatMap((service) => service.methods);

  it("is said of each", () => {
    const names = methods.map((method) => `${method.parent.name}.${method.name}`);
    assert.deepEqual(names.toSorted(), Object.keys(credentialMethods).toSorted());
  });

  for (const method of methods) {
    const rule = credentialMethods[`${method.parent.name}.${method.name}`];
    it(`${method.parent.name}.${method.name}: ${typeof rule === "object" ? `with ${rule.by}` : rule}`, () => {
      assert.equal(isRead(method), rule === "read");
      assert.equal(isRepeatable(method, {}), rule === "read" || rule === "always");
      if (typeof rule !== "object") return;
      assert.ok(method.input.fields.some(({ localName }) => localName === rule.by));
      assert.equal(isRepeatable(method, { [rule.by]: "" }), false);
      assert.equal(isRepeatable(method, { [rule.by]: "x" }), true);
    });
  }

  it("an answer that was cut off to nothing is none", () => {
    for (const method of [AclService.method.checkPoolPerm, UrlService.method.verifyUrl]) {
      assert.equal(isAnswer(method, {}), false);
    }
    assert.equal(isAnswer(CallerService.method.identifyCaller, {}), false);
    assert.equal(isAnswer(CallerService.method.identifyCaller, { caller: {} }), true);
    assert.equal(isAnswer(UrlService.method.verifyUrl, { realm: "p:r" }), true);
    assert.equal(isAnswer(BotService.method.deleteBot, {}), true);
  });
});
