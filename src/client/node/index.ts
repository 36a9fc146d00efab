export * from "../index.ts";
export { createFleetgate, type Fleetgate } from "./create-fleetgate.ts";
export type { FleetgateOptions, RetryOptions, TransportName } from "./options.ts";
export { WrongCertificateError } from "./pinned-socket.ts";
export type { OnWarning } from "./warnings.ts";
export {
  createCallerIdentifier,
  type CallerIdentifier,
  type CallerIdentifierOptions,
  type CallerQuestion,
  type IdentifiedCaller,
} from "./callers/caller-identifier.ts";
