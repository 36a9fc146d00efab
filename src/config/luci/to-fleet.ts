import { sortedSet } from "../../domain/bytewise.ts";
import { rootGroup } from "../../domain/names.ts";
import { nameBotGroups } from "./bot-group-names.ts";
import type { BotsCfg } from "./bots-cfg.ts";
import {
  whenFilled,
  type ImportedBotGroup,
  type ImportedGroup,
  type ImportedPool,
} from "./imported-config.ts";
import type { ListedGroup } from "./listed-group.ts";
import type { LuciPools } from "./pools-cfg.ts";
import { settingsGroups, type LuciSettings } from "./settings-cfg.ts";

/** Our pools for a pools.cfg without problems: one for each name of an entry. */
export function toPools(entries: readonly LuciPools[]): readonly ImportedPool[] {
  return entries.flatMap(({ names, realm, defaultTaskRealm }) =>
    names.map((name) => ({
      name: name.text,
      realm: realm.text,
      ...(defaultTaskRealm === undefined ? {} : { default_task_realm: defaultTaskRealm.text }),
    })),
  );
}

/** Our bot groups for a bots.cfg without problems. */
export function toBotGroups({ groups }: BotsCfg): readonly ImportedBotGroup[] {
  const names = nameBotGroups(groups);
  return groups.map(({ botIds, botIdPrefixes, pools }, index) => ({
    name: names[index] ?? "",
    ...whenFilled(
      "bot_ids",
      botIds.map(({ text }) => text),
    ),
    ...whenFilled(
      "bot_id_prefixes",
      botIdPrefixes.map(({ text }) => text),
    ),
    ...whenFilled("pools", sortedSet(pools.map(({ text }) => text))),
  }));
}

/** Our settings for a settings.cfg without problems: the defaults of LUCI, which are ours, are written out. */
export function toSettings(settings: LuciSettings): Readonly<Record<string, string>> {
  const admins = settings.admins_group?.text ?? rootGroup;
  return Object.fromEntries(
    settingsGroups.map((field) => [field, settings[field]?.text ?? admins] as const),
  );
}

/**
 * Our groups for lists without problems. A group that a list nests or is owned by must exist: one that has no
 * list is added, empty.
 */
export function toGroups(listed: readonly ListedGroup[]): {
  readonly groups: readonly ImportedGroup[];
  readonly added: readonly string[];
} {
  const known = new Set([rootGroup, ...listed.map(({ name }) => name)]);
  const needed = listed.flatMap(({ owners, nested }) =>
    [...nested, ...(owners === undefined ? [] : [owners])].map(({ text }) => text),
  );
  const added = sortedSet(needed).filter((name) => !known.has(name));
  const missing = added.map((name) => ({
    name,
    description: "Nested by or owner of an imported group, but not among the lists.",
  }));
  return { groups: [...listed.map(toGroup), ...missing], added };
}

function toGroup({ name, description, owners, ...lists }: ListedGroup): ImportedGroup {
  return {
    name,
    ...(description === "" ? {} : { description }),
    ...(owners === undefined || owners.text === rootGroup ? {} : { owners: owners.text }),
    ...whenFilled("members", lists.members),
    ...whenFilled("globs", lists.globs),
    ...whenFilled(
      "nested",
      lists.nested.map(({ text }) => text),
    ),
  };
}
