import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { requirementOf, tabledMethods } from "../../src/rpc/admission/method-table.ts";
import { ourServices } from "../../src/rpc/services.ts";
import { ask, bearer, openBench, type Bench } from "./support/bench.ts";
import { makeKey } from "./support/keys.ts";
import { allServices, nameOf, unaryMethods } from "./support/services.ts";
import { keys } from "./support/world.ts";

const unknown = makeKey("user:unknown@example.com");

/** What is wanted of the peers of InspectService. */
const inspectKinds: Readonly<Record<string, string>> = {
  Explain: "credential",
  ListPermissions: "identified",
  ListPrincipals: "reader",
  LookupPrincipal: "reader",
};

/** Owners of a group read its changes: the commands find out whose they are. */
const changeKinds: Readonly<Record<string, string>> = {
  ListChanges: "identified",
  GetChange: "identified",
  RevertChange: "group",
  VerifyChanges: "reader",
};

function wantedKind({ typeName }: DescService, { name }: DescMethod): string | undefined {
  if (typeName.startsWith("fleetgate.inspect.")) return inspectKinds[name];
  // Who may read or edit which group is found out later; only imports may be large without end.
  if (typeName.endsWith(".GroupService"))
    return name === "ImportGroups" ? "importer" : "identified";
  if (typeName.endsWith(".ChangeService")) return changeKinds[name];
  // In which realms the peer has the permission is found out later.
  if (typeName.endsWith(".KeyService") || typeName.endsWith(".GateService")) return "group";
  // The command judges the token, in the transaction that uses it up.
  if (name === "PresentClaim") return "unjudged";
  if (typeName.startsWith("fleetgate.credential.")) return "identified";
  return typeName.startsWith("fleetgate.admin.") ? "group" : "credential";
}

describe("the method table", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  it("has a row for every method of every service of ours, and none is public", async () => {
    for (const service of await allServices()) {
      for (const method of service.methods) {
        const requirement = requirementOf(nameOf(method));
        assert.ok(requirement, nameOf(method));
        assert.notEqual(requirement.kind, "public", nameOf(method));
        assert.equal(requirement.kind, wantedKind(service, method), nameOf(method));
      }
    }
  });

  it("is about the services of ours, which are all that there are", async () => {
    const byName = (services: readonly DescService[]) =>
      services.map(({ typeName }) => typeName).sort();
    assert.deepEqual(byName(ourServices), byName(await allServices()));
  });

  it("has no rows for methods that do not exist", async () => {
    const services = await allServices();
    const known = new Set(services.flatMap(({ methods }) => methods.map(nameOf)));
    const ours = tabledMethods().filter((method) => method.startsWith("fleetgate."));
    assert.deepEqual(
      ours.filter((method) => !known.has(method)),
      [],
    );
  });

  it("lets nobody into any method without a credential, or with a wrong one", async () => {
    for (const service of await allServices()) {
      for (const method of unaryMethods(service)) {
        for (const { name, transport } of bench.wires) {
          for (const headers of [{}, bearer(unknown.token)]) {
            const reply = await ask(transport, method, {}, headers);
            assert.equal(reply.code, "unauthenticated", `${nameOf(method)}, ${name}`);
            assert.equal(reply.reason, "CREDENTIAL_REQUIRED", `${nameOf(method)}, ${name}`);
          }
        }
      }
    }
  });

  it("lets only administrators into the admin methods", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    for (const service of await allServices()) {
      if (!service.typeName.startsWith("fleetgate.admin.")) continue;
      for (const method of unaryMethods(service)) {
        if (requirementOf(nameOf(method))?.kind !== "group") continue;
        bench.records.length = 0;
        const refused = await ask(transport, method, {}, bearer(keys.ann.token));
        assert.deepEqual(
          bench.records.map(({ peer }) => peer),
          [keys.ann.body.identity],
          "the log says who was refused",
        );
        assert.equal(refused.code, "permission_denied", nameOf(method));
        assert.equal(refused.reason, "GROUP_REQUIRED", nameOf(method));
        const metadata = { method: nameOf(method), group: "administrators" };
        assert.deepEqual(refused.metadata, metadata);
        const admitted = await ask(transport, method, {}, bearer(keys.root.token));
        assert.equal(admitted.reason, "INTERNAL_FAULT", nameOf(method));
      }
    }
  });
});
