import type { Binding, Configuration, Project, Role, Settings } from "../domain/model.ts";
import type * as message from "../gen/fleetgate/config/v1/config_pb.ts";
import { canonicalize } from "./canonical.ts";

/** The canonical form of what a valid message holds. */
export function fromConfigMessage(config: message.Config): Configuration {
  return canonicalize({
    settings: config.settings === undefined ? undefined : fromSettings(config.settings),
    permissions: config.permissions.map(({ name, attributes }) => ({ name, attributes })),
    roles: config.roles.map(fromRole),
    projects: config.projects.map(fromProject),
    pools: config.pools.map(({ name, realm, defaultTaskRealm }) => ({
      name,
      realm,
      defaultTaskRealm,
    })),
    botGroups: config.botGroups.map(({ name, botIds, botIdPrefixes, pools }) => ({
      name,
      botIds,
      botIdPrefixes,
      pools,
    })),
    groups: config.groups.map(({ name, description, owners, members, globs, nested }) => ({
      name,
      description,
      owners,
      members,
      globs,
      nested,
    })),
  });
}

function fromSettings(settings: message.Settings): Settings {
  return {
    adminsGroup: settings.adminsGroup,
    botBootstrapGroup: settings.botBootstrapGroup,
    privilegedUsersGroup: settings.privilegedUsersGroup,
    usersGroup: settings.usersGroup,
    viewAllBotsGroup: settings.viewAllBotsGroup,
    viewAllTasksGroup: settings.viewAllTasksGroup,
    readersGroup: settings.readersGroup,
    reasonRequired: settings.reasonRequired,
    delegations: settings.delegations.map(({ group, callerGlobs, permissions, realms }) => ({
      group,
      callerGlobs,
      permissions,
      realms,
    })),
  };
}

function fromRole({ name, permissions, includes, unresolved }: message.Role): Role {
  return { name, permissions, includes, unresolved };
}

function fromProject(project: message.Project): Project {
  return {
    name: project.name,
    customRoles: project.customRoles.map(fromRole),
    realms: project.realms.map((realm) => ({
      name: realm.name,
      extends: realm.extends,
      bindings: realm.bindings.map(fromBinding),
    })),
  };
}

function fromBinding({ role, principals, conditions }: message.Binding): Binding {
  return {
    role,
    principals,
    conditions: conditions.map(({ attribute, values }) => ({ attribute, values })),
  };
}
