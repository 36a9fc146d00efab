import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { GroupService } from "../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { InspectService } from "../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "./support/bench.ts";
import { keys } from "./support/world.ts";

const ageOf = ({ metadataOfCall }: Reply): string | null =>
  metadataOfCall.get("fleetgate-snapshot-age");
const root = bearer(keys.root.token);

describe("the age of the snapshot", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
    bench.replica.ageMs = () => 125_999;
  });
  after(() => bench.close());

  it("is told in whole seconds to readers, over every wire, outside of AclService", async () => {
    for (const { name, transport } of bench.wires) {
      const groups = await ask(transport, GroupService.method.listGroups, {}, root);
      assert.equal(ageOf(groups), "125", name);
      const permissions = await ask(transport, InspectService.method.listPermissions, {}, root);
      assert.equal(ageOf(permissions), "125", name);
      // The bench has nothing that carries it out.
      const failed = await ask(transport, GroupService.method.addMembers, {}, root);
      assert.notEqual(failed.code, "ok");
      assert.equal(ageOf(failed), "125", name);
    }
  });

  it("is not told to services and strangers", async () => {
    for (const { name, transport } of bench.wires) {
      const question = { permission: "swarming.servers.peek" };
      const check = await ask(transport, AclService.method.checkServerPerm, question, root);
      assert.equal(ageOf(check), null, name);
      const other = bearer(keys.scheduler.token);
      const listed = await ask(transport, GroupService.method.listGroups, {}, other);
      assert.equal(ageOf(listed), null, name);
    }
  });
});
