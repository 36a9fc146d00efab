import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DescMessage, DescMethod } from "@bufbuild/protobuf";
import { credentialKinds } from "../../src/domain/credential/kinds.ts";
import { requirementOf } from "../../src/rpc/admission/method-table.ts";
import { allServices, nameOf } from "./support/services.ts";

/** What somebody can make, from the most powerful down; `assertion`: what proves for a minute whom a service was shown. */
const rungs = [
  ["key"],
  ["boot", "enroll"],
  ["session", "resume", "runner"],
  ["claim"],
  ["task"],
  ["url", "assertion"],
] as const;
type Rung = (typeof rungs)[number][number];

// credentials.md c.2, as the choices of the design have it: for each kind what its bearer may have made.
const steps: Readonly<Record<string, readonly Rung[]>> = {
  boot: ["session", "resume"],
  enroll: ["runner"],
  session: ["claim", "task", "url", "assertion"],
  runner: ["claim", "task", "url", "assertion"],
  claim: ["task"],
  task: ["url"],
};

// These replace the very credential by which they are called, and whatever it made goes with it or after its grace.
const replacements: Readonly<Record<string, readonly string[]>> = {
  "SessionService/TakeOverSession": ["resume"],
  "CredentialService/RotateCredential": ["runner"],
};

// What each method makes whose answer holds a secret.
const mints: Readonly<Record<string, readonly Rung[]>> = {
  "ApiKeyService/Create": ["key"],
  "BotService/IssueBootToken": ["boot"],
  "SessionService/OpenSession": ["session", "resume"],
  "SessionService/TakeOverSession": ["session", "resume"],
  "TaskService/RegisterTask": ["task"],
  "UrlService/SignUrl": ["url"],
  "CallerService/IdentifyCaller": ["assertion"],
  "CallerService/BatchIdentifyCallers": ["assertion"],
  "ClaimService/OpenClaim": ["claim"],
  "ClaimService/SupersedeClaim": ["claim"],
  "ClaimService/PresentClaim": ["task"],
  "RunnerService/CreateEnrollToken": ["enroll"],
  "RunnerService/Enroll": ["runner"],
  "CredentialService/RotateCredential": ["runner"],
};

function hasSecret(message: DescMessage, seen = new Set<DescMessage>()): boolean {
  if (seen.has(message)) return false;
  seen.add(message);
  return message.fields.some(
    ({ proto, message: inner }) =>
      proto.options?.debugRedact === true || (inner !== undefined && hasSecret(inner, seen)),
  );
}

function shortName(method: DescMethod): string {
  return nameOf(method).split(".").at(-1) ?? "";
}

function rungOf(kind: string): number {
  return rungs.findIndex((rung) => (rung as readonly string[]).includes(kind));
}

describe("U40: the ladder of what can be made", () => {
  it("goes down only", () => {
    for (const [kind, made] of Object.entries(steps)) {
      for (const one of made) assert.ok(rungOf(one) > rungOf(kind), `${kind} makes ${one}`);
    }
  });

  it("knows every method whose answer holds a secret, and what that is", async () => {
    const methods = (await allServices()).flatMap((service) => service.methods);
    const secretive = methods.filter(({ output }) => hasSecret(output)).map(shortName);
    assert.deepEqual(secretive.toSorted(), Object.keys(mints).toSorted());
  });

  it("lets no kind have made what is not the next below it, by any method", async () => {
    let held = 0;
    for (const service of await allServices()) {
      for (const method of service.methods) {
        const name = shortName(method);
        const { accepts } = requirementOf(nameOf(method)) ?? assert.fail(name);
        const made = mints[name] ?? [];
        for (const kind of credentialKinds) {
          if (!accepts.has(kind) || replacements[name]?.includes(kind) === true) continue;
          for (const one of made) {
            assert.ok(steps[kind]?.includes(one), `${name} by a ${kind} token makes ${one}`);
            held += 1;
          }
        }
      }
    }
    assert.ok(held > 10);
  });

  it("lets what may only replace itself do nothing else", () => {
    const { accepts } =
      requirementOf("fleetgate.credential.v1.SessionService/TakeOverSession") ?? assert.fail();
    assert.deepEqual([...accepts], ["resume"]);
  });
});
