export * from "../gen/fleetgate/config/v1/config_pb.ts";
