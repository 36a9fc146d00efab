import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Configuration, Group } from "../domain/model.ts";
import { rootGroup } from "../domain/names.ts";
import { ConfigSchema, type Config } from "../gen/fleetgate/config/v1/config_pb.ts";

/**
 * The message of a configuration. Owners that are `administrators` are left out, as this is the default.
 * fromConfigMessage gives the configuration back.
 */
export function toConfigMessage(configuration: Configuration): Config {
  // The model has the names and types of the contract, but read-only lists, which `create` copies.
  const init = {
    ...configuration,
    groups: configuration.groups.map(withoutDefaultOwners),
  };
  return create(ConfigSchema, structuredClone(init) as MessageInitShape<typeof ConfigSchema>);
}

function withoutDefaultOwners(group: Group): Group {
  return group.owners === rootGroup ? { ...group, owners: "" } : group;
}
