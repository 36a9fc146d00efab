import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkAllPoolsPerm } from "../../../src/engine/checker/check-all-pools-perm.ts";
import { checkAnyPoolsPerm } from "../../../src/engine/checker/check-any-pools-perm.ts";
import { checkPoolPerm } from "../../../src/engine/checker/check-pool-perm.ts";
import { filterPoolsByPerm } from "../../../src/engine/checker/filter-pools-by-perm.ts";
import type { AuthDb } from "../../../src/engine/auth-db.ts";
import { assertDenied, assertPermitted, wordsOf } from "../world.ts";
import { admin, ann, bob, createTask, fleetWorld, listBots } from "./fleet-world.ts";

const snapshot = fleetWorld();
const metadata = { caller: ann, permission: listBots };
const someDenied = `Permission "${listBots}" denied for "${ann}" in some of the requested pools (or they do not exist)`;
const allDenied = `Permission "${listBots}" denied for "${ann}" in all of the requested pools (or they do not exist)`;

describe("checkAllPoolsPerm", () => {
  it("permits when every pool permits, however often it is named", () => {
    assertPermitted(checkAllPoolsPerm(snapshot, ann, listBots, ["open", "open2", "open"]));
  });

  it("denies when one pool denies or is unknown, and names none", () => {
    for (const pools of [
      ["open", "closed"],
      ["closed", "open"],
      ["open", "gone"],
      ["gone", "gone"],
    ]) {
      assertDenied(checkAllPoolsPerm(snapshot, ann, listBots, pools), someDenied, metadata);
    }
  });

  it("permits what the server level gives, unknown pools included", () => {
    assertPermitted(checkAllPoolsPerm(snapshot, admin, listBots, ["closed", "gone"]));
  });

  it("answers about one pool as the check of that pool does", () => {
    for (const pool of ["open", "closed", "gone"]) {
      const single = wordsOf(checkPoolPerm(snapshot, ann, listBots, pool));
      assert.deepEqual(wordsOf(checkAllPoolsPerm(snapshot, ann, listBots, [pool])), single);
    }
  });

  it("refuses an empty list, even from an admin", () => {
    assert.throws(() => checkAllPoolsPerm(snapshot, admin, listBots, []), {
      reason: "INVALID_FIELD",
    });
  });
});

describe("checkAnyPoolsPerm", () => {
  it("permits when one pool permits, wherever it stands", () => {
    for (const pools of [
      ["open", "closed"],
      ["closed", "gone", "open"],
      ["open2", "open"],
    ]) {
      assertPermitted(checkAnyPoolsPerm(snapshot, ann, listBots, pools));
    }
  });

  it("denies when no pool permits, and names none", () => {
    for (const pools of [
      ["closed", "gone"],
      ["gone", "gone"],
      ["closed", "closed"],
    ]) {
      assertDenied(checkAnyPoolsPerm(snapshot, ann, listBots, pools), allDenied, metadata);
    }
  });

  it("permits what the server level gives, unknown pools included", () => {
    assertPermitted(checkAnyPoolsPerm(snapshot, admin, listBots, ["gone", "closed"]));
  });

  it("answers about one pool as the check of that pool does", () => {
    for (const pool of ["open", "closed", "gone"]) {
      const single = wordsOf(checkPoolPerm(snapshot, ann, listBots, pool));
      assert.deepEqual(wordsOf(checkAnyPoolsPerm(snapshot, ann, listBots, [pool])), single);
    }
  });

  it("refuses an empty list, even from an admin", () => {
    assert.throws(() => checkAnyPoolsPerm(snapshot, admin, listBots, []), {
      reason: "INVALID_FIELD",
    });
  });
});

describe("filterPoolsByPerm", () => {
  it("keeps the permitted pools in their order, with their duplicates", () => {
    const pools = ["open2", "closed", "open", "gone", "open2"];
    assert.deepEqual(filterPoolsByPerm(snapshot, ann, listBots, pools), ["open2", "open", "open2"]);
  });

  it("returns the list itself for the server level, unknown pools and all", () => {
    const pools = ["gone", "open", "gone", "closed"];
    assert.equal(filterPoolsByPerm(snapshot, admin, listBots, pools), pools);
  });

  it("is empty, and not a denial, when nothing is permitted", () => {
    assert.deepEqual(filterPoolsByPerm(snapshot, bob, listBots, ["open", "closed", "gone"]), []);
    assert.deepEqual(filterPoolsByPerm(snapshot, admin, createTask, ["open"]), []);
  });

  it("is empty for an empty list", () => {
    assert.deepEqual(filterPoolsByPerm(snapshot, ann, listBots, []), []);
    assert.deepEqual(filterPoolsByPerm(snapshot, admin, listBots, []), []);
  });
});

describe("a walk over pools", () => {
  /** A snapshot that writes down which realms were asked about. */
  function spied(): { readonly spy: typeof snapshot; readonly asked: string[] } {
    const asked: string[] = [];
    const authDb: AuthDb = {
      ...snapshot.authDb,
      hasPermission(identity, permission, realm) {
        asked.push(realm);
        return snapshot.authDb.hasPermission(identity, permission, realm);
      },
      permissionTest(identity, permission) {
        const isPermitted = snapshot.authDb.permissionTest(identity, permission);
        return (realm) => {
          asked.push(realm);
          return isPermitted(realm);
        };
      },
    };
    return { spy: { ...snapshot, authDb }, asked };
  }

  it("asks about each realm once, and about unknown pools not at all", () => {
    const { spy, asked } = spied();
    filterPoolsByPerm(spy, ann, listBots, ["gone", "open", "closed", "open2", "closed"]);
    assert.deepEqual(asked, ["p:open", "p:closed"]);
  });

  it("stops at the first pool that decides", () => {
    const all = spied();
    checkAllPoolsPerm(all.spy, ann, listBots, ["closed", "open"]);
    assert.deepEqual(all.asked, ["p:closed"]);
    const any = spied();
    checkAnyPoolsPerm(any.spy, ann, listBots, ["open", "closed"]);
    assert.deepEqual(any.asked, ["p:open"]);
  });

  it("asks about no realm when the server level permits", () => {
    const { spy, asked } = spied();
    checkAllPoolsPerm(spy, admin, listBots, ["closed", "open"]);
    checkAnyPoolsPerm(spy, admin, listBots, ["closed", "open"]);
    filterPoolsByPerm(spy, admin, listBots, ["closed", "open"]);
    checkPoolPerm(spy, admin, listBots, "closed");
    assert.deepEqual(asked, []);
  });
});
