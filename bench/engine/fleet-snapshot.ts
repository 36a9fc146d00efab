import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { expandConfigurations } from "../../src/config/expand.ts";
import { fromConfigMessage } from "../../src/config/from-message.ts";
import type { Configuration } from "../../src/domain/model.ts";
import { createSnapshot, type Snapshot } from "../../src/engine/snapshot.ts";
import { ConfigSchema } from "../../src/gen/fleetgate/config/v1/config_pb.ts";
import type { Fleet } from "../../test/support/fleets/generate-fleet.ts";

/** The canonical configuration of a fleet, as a server keeps it. */
export function configureFleet(fleet: Fleet): Configuration {
  return fromConfigMessage(fromJson(ConfigSchema, fleet.config as JsonValue));
}

/** A snapshot, and how long its parts took. */
export interface BuiltSnapshot {
  readonly snapshot: Snapshot;
  /** Writing out roles and inheritance. */
  readonly expandMs: number;
  /** Building the indexes that checks are answered from. */
  readonly buildMs: number;
}

/** Builds a snapshot the way a replica does whenever the configuration changes. */
export function buildSnapshot(configuration: Configuration): BuiltSnapshot {
  const begin = performance.now();
  const expanded = expandConfigurations([configuration]);
  const middle = performance.now();
  const snapshot = createSnapshot({ revision: 1n, ...expanded });
  const end = performance.now();
  return { snapshot, expandMs: middle - begin, buildMs: end - middle };
}
