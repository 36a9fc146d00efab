import { defaultSettings } from "../../../src/domain/model.ts";
import type { Snapshot } from "../../../src/engine/snapshot.ts";
import { bind, bots, group, id, pool, realm, world } from "../world.ts";

export const admin = id("user:admin@x.com");
export const ann = id("user:ann@x.com");
export const bob = id("user:bob@x.com");

export const createTask = "swarming.pools.createTask";
export const listBots = "swarming.pools.listBots";
export const listTasks = "swarming.pools.listTasks";
export const getTask = "swarming.tasks.get";

/**
 * Ann may list bots and tasks, and create tasks, in the pools `open` and `open2` (one realm); nobody may
 * anything in `closed`. The admin is one by the settings.
 */
export function fleetWorld(): Snapshot {
  return world({
    settings: { ...defaultSettings, adminsGroup: "admins" },
    groups: [group("admins", { members: ["user:admin@x.com"] })],
    realms: [
      realm("p:open", {
        permissions: [listBots, listTasks, createTask],
        principals: ["user:ann@x.com"],
        conditions: [],
      }),
      realm("p:closed"),
      realm("p:tasks", bind(getTask, ["user:ann@x.com"])),
    ],
    pools: [pool("open", "p:open"), pool("open2", "p:open"), pool("closed", "p:closed")],
    botGroups: [
      bots("open", { botIds: ["open-bot"], pools: ["open"] }),
      bots("mixed", { botIds: ["mixed-bot"], pools: ["closed", "gone", "open"] }),
      bots("closed", { botIds: ["closed-bot"], pools: ["closed"] }),
    ],
  });
}
