import type { GroupSetting } from "../../engine/server-level.ts";

/** The settings of the server level by the names that they have in a configuration. */
export const settingNames: Readonly<Record<GroupSetting, string>> = {
  adminsGroup: "admins_group",
  botBootstrapGroup: "bot_bootstrap_group",
  privilegedUsersGroup: "privileged_users_group",
  usersGroup: "users_group",
  viewAllBotsGroup: "view_all_bots_group",
  viewAllTasksGroup: "view_all_tasks_group",
};
