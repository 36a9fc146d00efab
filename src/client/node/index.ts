export * from "../index.ts";
export { createFleetgate, type Fleetgate } from "./create-fleetgate.ts";
export type { FleetgateOptions, RetryOptions, TransportName } from "./options.ts";
export type { OnWarning } from "./warnings.ts";
