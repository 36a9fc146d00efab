import { describe, it } from "node:test";
import { checkPoolPerm } from "../../../src/engine/checker/check-pool-perm.ts";
import { assertDenied, assertPermitted } from "../world.ts";
import { admin, ann, bob, createTask, fleetWorld, listBots } from "./fleet-world.ts";

const snapshot = fleetWorld();

function denial(permission: string, caller: string, pool: string): string {
  return `Permission "${permission}" denied for "${caller}" in pool "${pool}" (or the pool does not exist)`;
}

describe("checkPoolPerm", () => {
  it("permits what the realm of the pool gives", () => {
    assertPermitted(checkPoolPerm(snapshot, ann, listBots, "open"));
    assertPermitted(checkPoolPerm(snapshot, ann, createTask, "open2"));
  });

  it("permits what the server level gives, in every pool, known or not", () => {
    for (const pool of ["open", "closed", "gone"]) {
      assertPermitted(checkPoolPerm(snapshot, admin, listBots, pool));
    }
  });

  it("denies a forbidden pool and an unknown one in the same words", () => {
    for (const pool of ["closed", "gone"]) {
      const metadata = { caller: ann, permission: listBots, pool };
      assertDenied(
        checkPoolPerm(snapshot, ann, listBots, pool),
        denial(listBots, ann, pool),
        metadata,
      );
    }
  });

  it("denies whom the realm gives nothing", () => {
    const metadata = { caller: bob, permission: listBots, pool: "open" };
    assertDenied(
      checkPoolPerm(snapshot, bob, listBots, "open"),
      denial(listBots, bob, "open"),
      metadata,
    );
  });

  it("denies admins the creation of tasks", () => {
    const metadata = { caller: admin, permission: createTask, pool: "open" };
    const decision = checkPoolPerm(snapshot, admin, createTask, "open");
    assertDenied(decision, denial(createTask, admin, "open"), metadata);
  });
});
