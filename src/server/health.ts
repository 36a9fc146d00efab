import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { quote } from "../domain/quote.ts";
import {
  Health as HealthService,
  HealthCheckResponse_ServingStatus,
} from "../gen/grpc/health/v1/health_pb.ts";
import { callOf } from "../rpc/call.ts";
import type { PublicService } from "../rpc/deps.ts";
import { createHealthWatchers, type WatcherLimits } from "./health-watchers.ts";

/** The health of the process as `grpc.health.v1` tells it. */
export interface Health {
  /** Says whether the process serves, to those who ask and those who watch. At first it does not. */
  setServing(serving: boolean): void;
  /** Ends the streams of those who watch, now and from now on. */
  close(): void;
  readonly service: PublicService;
}

/**
 * The most streams that watch the health of a process at once. Anybody may watch, so that what one
 * connection takes must leave room for all others.
 */
export const maxHealthWatchers: WatcherLimits = { inOneConnection: 8, inAll: 10_000 };

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;

/**
 * Makes the health service for the process as a whole (the empty name) and for each of `services`, which
 * all serve or all do not. A stream beyond the limits is RESOURCE_EXHAUSTED.
 */
export function createHealth(services: readonly DescService[], limits = maxHealthWatchers): Health {
  const names = new Set(["", ...services.map((service) => service.typeName)]);
  const watchers = createHealthWatchers(limits);
  let status: HealthCheckResponse_ServingStatus = NOT_SERVING;

  const implementation: ServiceImpl<typeof HealthService> = {
    check({ service }) {
      if (!names.has(service)) {
        throw new ConnectError(`there is no service ${quote(service)}`, Code.NotFound);
      }
      return { status };
    },
    list: () => ({ statuses: Object.fromEntries([...names].map((name) => [name, { status }])) }),
    watch: ({ service }, context: HandlerContext) =>
      watchers.watch(
        () => (names.has(service) ? status : SERVICE_UNKNOWN),
        callOf(context.values).connection,
        context.signal,
      ),
  };

  return {
    setServing(serving) {
      status = serving ? SERVING : NOT_SERVING;
      watchers.wake();
    },
    close: () => watchers.close(),
    service: {
      service: HealthService,
      register: (router) => void router.service(HealthService, implementation),
    },
  };
}
