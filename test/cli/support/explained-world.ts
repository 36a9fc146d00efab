import { defaultSettings, type Configuration } from "../../../src/domain/model.ts";
import { inspected } from "../../rpc/inspect/support/inspect-world.ts";
import { binding, group } from "../../rpc/support/world.ts";

const ann = "user:ann@example.com";

/** A world in which every way to a permission, and every step of a denial, can be seen. */
export const explainedWorld: Configuration = {
  ...inspected,
  settings: { ...defaultSettings, readersGroup: "auditors", viewAllBotsGroup: "watchers" },
  projects: [
    ...inspected.projects,
    {
      name: "beta",
      customRoles: [
        {
          name: "customRole/lead",
          permissions: [],
          includes: ["role/swarming.poolUser"],
          unresolved: false,
        },
      ],
      realms: [
        {
          name: "@root",
          extends: [],
          bindings: [binding("customRole/lead", "user:bob@example.com")],
        },
        {
          name: "try",
          extends: [],
          bindings: [
            {
              ...binding("role/swarming.poolOwner", ann),
              conditions: [{ attribute: "k", values: ["v"] }],
            },
          ],
        },
      ],
    },
  ],
  pools: [
    ...inspected.pools,
    { name: "b", realm: "beta:try", defaultTaskRealm: "" },
    { name: "lost", realm: "beta:nowhere", defaultTaskRealm: "" },
  ],
  groups: [...inspected.groups, { ...group("watchers", []), globs: ["user:*@example.com"] }],
};
