export * from "../gen/fleetgate/credential/v1/bot_service_pb.ts";
export * from "../gen/fleetgate/credential/v1/caller_service_pb.ts";
export * from "../gen/fleetgate/credential/v1/credential_service_pb.ts";
export * from "../gen/fleetgate/credential/v1/key_service_pb.ts";
export * from "../gen/fleetgate/credential/v1/session_service_pb.ts";
export * from "../gen/fleetgate/credential/v1/subject_pb.ts";
export * from "../gen/fleetgate/credential/v1/task_service_pb.ts";
export * from "../gen/fleetgate/credential/v1/url_service_pb.ts";
