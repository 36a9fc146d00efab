export * from "../gen/fleetgate/admin/v1/api_key_service_pb.ts";
export * from "../gen/fleetgate/admin/v1/change_item_pb.ts";
export * from "../gen/fleetgate/admin/v1/change_service_pb.ts";
export * from "../gen/fleetgate/admin/v1/config_service_pb.ts";
export * from "../gen/fleetgate/admin/v1/effects_pb.ts";
export * from "../gen/fleetgate/admin/v1/group_service_pb.ts";
