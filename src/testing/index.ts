/**
 * `fleetgate/testing`: a Fleetgate inside of the process, for tests of services that ask one. Node only.
 */
export { InvalidConfigError, type ConfigFile } from "./read-configuration.ts";
export {
  createEngineFleetgate,
  type EngineFleetgate,
  type EngineFleetgateOptions,
} from "./engine-fleetgate.ts";
export type { InMemoryFleetgate, KeyOptions } from "./in-memory.ts";
export {
  createTableFleetgate,
  type TableFleetgate,
  type TableFleetgateOptions,
} from "./table-fleetgate.ts";
export type { CheckKind } from "../rpc/acl/checks.ts";
export type { AskedQuestion } from "./table-checks.ts";
export type { TableAnswer, TableQuestion, TableRule } from "./table.ts";
