import { describe, it } from "node:test";
import { checkBotPerm } from "../../../src/engine/checker/check-bot-perm.ts";
import { assertDenied, assertPermitted, bind, pool, realm, world } from "../world.ts";
import { admin, ann, bob, fleetWorld, listBots } from "./fleet-world.ts";

const snapshot = fleetWorld();

describe("checkBotPerm", () => {
  it("permits when one of the pools of the bot permits", () => {
    assertPermitted(checkBotPerm(snapshot, ann, listBots, "open-bot"));
    assertPermitted(checkBotPerm(snapshot, ann, listBots, "mixed-bot"));
    assertPermitted(checkBotPerm(snapshot, ann, listBots, "mixed-bot--4"));
  });

  it("permits what the server level gives, on unknown bots too", () => {
    assertPermitted(checkBotPerm(snapshot, admin, listBots, "closed-bot"));
    assertPermitted(checkBotPerm(snapshot, admin, listBots, "gone-bot"));
  });

  it("denies forbidden and unknown bots in the same words, without a pool", () => {
    for (const bot of ["closed-bot", "gone-bot"]) {
      assertDenied(
        checkBotPerm(snapshot, ann, listBots, bot),
        `Permission "${listBots}" denied for "${ann}" on bot "${bot}" (or the bot does not exist)`,
        { caller: ann, permission: listBots, bot },
      );
    }
  });

  it("denies a stranger a bot whose pools permit others", () => {
    assertDenied(
      checkBotPerm(snapshot, bob, listBots, "mixed-bot"),
      `Permission "${listBots}" denied for "${bob}" on bot "mixed-bot" (or the bot does not exist)`,
      { caller: bob, permission: listBots, bot: "mixed-bot" },
    );
  });

  it("lets unassigned be a pool like any other", () => {
    const other = world({
      realms: [realm("p:r", bind(listBots, [bob]))],
      pools: [pool("unassigned", "p:r")],
    });
    assertPermitted(checkBotPerm(other, bob, listBots, "whatever"));
  });
});
