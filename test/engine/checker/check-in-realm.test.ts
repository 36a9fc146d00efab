import { describe, it } from "node:test";
import { checkActAs } from "../../../src/engine/checker/check-act-as.ts";
import { checkCreateInRealm } from "../../../src/engine/checker/check-create-in-realm.ts";
import { assertDenied, assertPermitted, bind, group, id, realm, world } from "../world.ts";
import { admin, ann } from "./fleet-world.ts";

const create = "swarming.tasks.createInRealm";
const actAs = "swarming.tasks.actAs";
const account = id("user:builder@accounts.x.com");
const snapshot = world({
  groups: [group("administrators", { members: [admin] })],
  realms: [
    realm("p:r", bind(create, [ann]), bind(actAs, [account])),
    realm("p:empty"),
    realm("q:@root", bind(create, [ann]), bind(actAs, [account])),
  ],
});

describe("checkCreateInRealm", () => {
  it("permits what the realm gives, by way of the root if it is not defined", () => {
    assertPermitted(checkCreateInRealm(snapshot, ann, "p:r"));
    assertPermitted(checkCreateInRealm(snapshot, ann, "q:any"));
  });

  it("denies forbidden and unknown realms in the same words", () => {
    for (const name of ["p:empty", "p:gone", "gone:r"]) {
      assertDenied(
        checkCreateInRealm(snapshot, ann, name),
        `Permission "${create}" denied for "${ann}" in realm "${name}" (or the realm does not exist)`,
        { caller: ann, permission: create, realm: name },
      );
    }
  });

  it("gives admins nothing", () => {
    assertDenied(
      checkCreateInRealm(snapshot, admin, "p:r"),
      `Permission "${create}" denied for "${admin}" in realm "p:r" (or the realm does not exist)`,
      { caller: admin, permission: create, realm: "p:r" },
    );
  });
});

describe("checkActAs", () => {
  it("permits an account that has the permission in the realm", () => {
    assertPermitted(checkActAs(snapshot, account, "builder@accounts.x.com", "p:r"));
    assertPermitted(checkActAs(snapshot, account, "builder@accounts.x.com", "q:any"));
  });

  it("denies the account by its address, and names no identity", () => {
    for (const name of ["p:empty", "p:gone"]) {
      assertDenied(
        checkActAs(snapshot, account, "builder@accounts.x.com", name),
        `Permission "${actAs}" denied for service account "builder@accounts.x.com" ` +
          `in realm "${name}" (or the realm does not exist)`,
        { service_account: "builder@accounts.x.com", permission: actAs, realm: name },
      );
    }
  });
});
