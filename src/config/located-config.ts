import type {
  BotGroup,
  Group,
  Permission,
  Pool,
  Project,
  Role,
  Settings,
} from "../gen/fleetgate/config/v1/config_pb.ts";
import { within, type Place, type SourceFile } from "./place.ts";
import type { ProblemList } from "./problem-list.ts";
import { show } from "./show.ts";

/** A value and where it stands. */
export interface Located<T> {
  readonly value: T;
  readonly place: Place;
}

/** What all files of a source hold together. */
export interface LocatedConfig {
  readonly settings: Located<Settings> | undefined;
  readonly permissions: readonly Located<Permission>[];
  readonly roles: readonly Located<Role>[];
  readonly projects: readonly Located<Project>[];
  readonly pools: readonly Located<Pool>[];
  readonly botGroups: readonly Located<BotGroup>[];
  readonly groups: readonly Located<Group>[];
}

/** Joins the lists of all files. Settings in more than one of them are an error. */
export function joinFiles(files: readonly SourceFile[], problems: ProblemList): LocatedConfig {
  const list = <T>(field: string, of: (file: SourceFile) => readonly T[]): Located<T>[] =>
    files.flatMap((file) => locateItems({ file, segments: [] }, field, of(file)));
  const settings = files.flatMap((file): Located<Settings>[] => {
    const value = file.config.settings;
    return value === undefined ? [] : [{ value, place: { file, segments: ["settings"] } }];
  });
  for (const second of settings.slice(1)) {
    const message = `the settings stand in the file ${show(settings[0]?.place.file?.path ?? "")} too`;
    problems.error(second.place, message, "join them in one file");
  }
  return {
    settings: settings[0],
    permissions: list("permissions", (file) => file.config.permissions),
    roles: list("roles", (file) => file.config.roles),
    projects: list("projects", (file) => file.config.projects),
    pools: list("pools", (file) => file.config.pools),
    botGroups: list("bot_groups", (file) => file.config.botGroups),
    groups: list("groups", (file) => file.config.groups),
  };
}

/** The items of a list field of the message at `parent`. */
export function locateItems<T>(parent: Place, field: string, items: readonly T[]): Located<T>[] {
  return items.map((value, index) => ({ value, place: within(parent, field, index) }));
}
