import assert from "node:assert/strict";
import { maxRevertItems } from "../../../src/commands/change/revert-change.ts";
import { maxGlobsOfAll, maxGlobsOfGroup } from "../../../src/commands/glob-limits.ts";
import { maxMembersOfAnswer } from "../../../src/commands/group/get-group.ts";
import { maxGlobs, maxMembers, maxNested } from "../../../src/commands/group/group-syntax.ts";
import {
  maxImportedGroups,
  maxImportedMembers,
  maxImportedText,
  maxImportMessages,
  maxMembersOfMessage,
} from "../../../src/commands/group/imported-groups.ts";
import { maxAliasedNodes, maxAliases } from "../../../src/config/aliases.ts";
import { maxTakeOverMs } from "../../../src/commands/group/take-over-group.ts";
import { maxTakeOvers } from "../../../src/commands/group/take-overs.ts";
import { maxGroupFiles, maxGroupText } from "../../../src/config/luci/group-limits.ts";
import { maxTextFormatDepth, maxTextFormatLength } from "../../../src/config/luci/text-format.ts";
import { maxFindings } from "../../../src/config/lint/lint.ts";
import { maxTestCases } from "../../../src/config/policy-tests/check-test.ts";
import { maxProblems } from "../../../src/config/problem-list.ts";
import { maxTextLength } from "../../../src/config/read-yaml.ts";
import { maxBotIds } from "../../../src/config/rules/bot-ids.ts";
import { attributeName } from "../../../src/config/rules/permissions.ts";
import { validateConfiguration } from "../../../src/config/validate.ts";
import { maxGlobLength } from "../../../src/domain/glob.ts";
import { maxIdentityLength } from "../../../src/domain/identity.ts";
import * as names from "../../../src/domain/names.ts";
import { maxNumberSetSize } from "../../../src/domain/number-set.ts";
import { maxFiles, maxPathLength } from "../../../src/rpc/admin/config-routes.ts";
import { importPatience, maxImports } from "../../../src/rpc/admin/import-groups.ts";
import { maxFaults } from "../../../src/storage/history/verify-changes.ts";
import { count, longest, mebi, type Limits } from "./probes.ts";

const longestName = ({ test }: names.NameRule, prefix?: string): string => longest(test, prefix);

function isValid(yaml: (text: string) => string): (text: string) => boolean {
  return (text) => {
    const files = [{ path: "fleet.yaml", text: yaml(text) }];
    const { problems } = validateConfiguration({ source: "main", files, others: new Map() });
    return problems.every(({ severity }) => severity === "warning");
  };
}

const describedGroup = isValid(
  (text) => `groups: [{ name: g, members: ["user:a@b.c"], description: "${text}" }]`,
);
const conditionalBinding = isValid(
  (text) => `
permissions: [{ name: a.b.c, attributes: [k] }]
projects:
  - name: p
    realms:
      - name: r
        bindings:
          - role: role/swarming.poolUser
            principals: ["user:a@b.c"]
            conditions: [{ attribute: k, values: ["${text}"] }]
`,
);

/** Of names, configuration, groups and changes. */
export const configurationLimits: Limits = {
  "identity, glob": () => {
    assert.equal(maxIdentityLength, maxGlobLength);
    return `${count(maxIdentityLength)} characters`;
  },
  permission: () => `${longestName(names.permissionName, "a.b.")} characters`,
  "pool, bot id, task id": () => {
    const length = longestName(names.poolName);
    assert.equal(longestName(names.botId), length);
    assert.equal(longestName(names.taskId), length);
    return `${length} characters`;
  },
  "project, group, realm": () =>
    `${longestName(names.projectName)}, ${longestName(names.groupName)} (and a prefix), ${longestName(names.realmName)} characters`,
  role: () => {
    const length = longestName(names.roleName, "role/");
    assert.equal(longestName(names.customRoleName, "customRole/"), length);
    return `${length} characters`;
  },
  "source, bot group": () => {
    const length = longestName(names.sourceName);
    assert.equal(longestName(names.botGroupName), length);
    return `${length} characters`;
  },
  "files in one configuration": () => count(maxFiles),
  "path of one configuration file": () => `${count(maxPathLength)} characters`,
  "text of one configuration file": () => `${mebi(maxTextLength)} characters`,
  "YAML aliases in one file, and values that are read through them": () =>
    `${count(maxAliases)}, ${count(maxAliasedNodes)}`,
  "text of a `*.cfg` of LUCI to import, and how deep its messages nest": () =>
    `${mebi(maxTextFormatLength)} characters, ${count(maxTextFormatDepth)}`,
  "lists of groups to import: files, all their texts together": () =>
    `${count(maxGroupFiles)}, ${mebi(maxGroupText)} characters`,
  "problems that one validation lists": () => count(maxProblems),
  "findings that `config lint` lists": () => count(maxFindings),
  "cases of one policy test": () => count(maxTestCases),
  "bot ids that one number set stands for; all of them together": () =>
    `${count(maxNumberSetSize)}; ${count(maxBotIds)}`,
  "attribute, value of a condition": () =>
    `${longestName(attributeName)}, ${longest(conditionalBinding)} characters`,
  "description of a group": () => `${longest(describedGroup)} characters`,
  "members, globs, nested groups in one request of GroupService": () =>
    [maxMembers, maxGlobs, maxNested].map(count).join(", "),
  "how long a group is taken over at one go; groups that are taken over (`take_overs`)": () =>
    `${maxTakeOverMs / 86_400_000} days; ${count(maxTakeOvers)}`,
  "globs of one group (`group_globs`); globs of all groups together (`globs`)": () =>
    `${count(maxGlobsOfGroup)}; ${count(maxGlobsOfAll)}`,
  "members that GetGroup shows; `LIMIT_EXCEEDED` calls it `group_members`": () =>
    count(maxMembersOfAnswer),
  "one import: `import_groups`, `import_members`, `import_text`, `import_messages`": () =>
    [
      count(maxImportedGroups),
      count(maxImportedMembers),
      `${mebi(maxImportedText)} characters`,
      count(maxImportMessages),
    ].join(", "),
  "members in one message of an import; imports that a process takes in at once, one of a peer (`imports`)":
    () => `${count(maxMembersOfMessage)}; ${count(maxImports)}`,
  "silence of an import while it is sent (`import_idle`); all the time that sending it takes (`import_time`)":
    () => `${importPatience.idleMs / 1000} seconds; ${importPatience.allMs / 60_000} minutes`,
  "items of a change that is reverted; `LIMIT_EXCEEDED` calls it `revert_items`": () =>
    count(maxRevertItems),
  "verifications of the log at once in a process (`verifications`); faults that one lists": () =>
    `1; ${count(maxFaults)}`,
};
