export * from "../gen/fleetgate/acl/v1/acl_service_pb.ts";
export * from "../gen/fleetgate/acl/v1/consistency_pb.ts";
