import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Manager } from "../../commands/runner/list-managers.ts";
import type { Runner } from "../../commands/runner/runner.ts";
import type { ManagerStatus as Status } from "../../domain/credential/manager-status.ts";
import {
  ManagerStatus,
  type ManagerSchema,
  type RunnerSchema,
} from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";

/** A runner as the contract has it. */
export function toRunnerMessage(runner: Runner): MessageInitShape<typeof RunnerSchema> {
  const { id: runnerId, uid, realm, pool, paused, maxManagers, managers, version } = runner;
  return {
    ...{ runnerId, uid, realm, pool, paused, maxManagers, managers, version },
    createdAt: timestampFromDate(runner.createdAt),
    createdBy: runner.createdBy,
  };
}

const statuses: Readonly<Record<Status, ManagerStatus>> = {
  never_contacted: ManagerStatus.NEVER_CONTACTED,
  online: ManagerStatus.ONLINE,
  offline: ManagerStatus.OFFLINE,
  stale: ManagerStatus.STALE,
};

/** A manager as the contract has it. */
export function toManagerMessage(manager: Manager): MessageInitShape<typeof ManagerSchema> {
  const { systemId, status, enrolledAt, contactedAt, source, info, expiresAt } = manager;
  return {
    ...{ systemId, status: statuses[status], credentialId: manager.credentialId },
    ...{ source: source ?? "", info: { ...info, labels: [...(info.labels ?? [])] } },
    enrolledAt: timestampFromDate(enrolledAt),
    ...(contactedAt === null ? {} : { contactedAt: timestampFromDate(contactedAt) }),
    ...(expiresAt === null ? {} : { expiresAt: timestampFromDate(expiresAt) }),
  };
}
