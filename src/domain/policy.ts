import { emptyConfiguration, type Configuration } from "./model.ts";

/** What a source manages apart from groups: settings, permissions, roles, projects, pools and bot groups. */
export type Policy = Omit<Configuration, "groups">;

/** The policy of a configuration. */
export function policyOf({ groups: _groups, ...policy }: Configuration): Policy {
  return policy;
}

/** A policy that holds nothing. */
export const emptyPolicy: Policy = policyOf(emptyConfiguration);
