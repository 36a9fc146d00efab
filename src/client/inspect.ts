export * from "../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
