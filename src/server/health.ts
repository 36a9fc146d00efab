import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { quote } from "../domain/quote.ts";
import {
  Health as HealthService,
  HealthCheckResponse_ServingStatus,
} from "../gen/grpc/health/v1/health_pb.ts";
import type { PublicService } from "../rpc/deps.ts";

/** The health of the process as `grpc.health.v1` tells it. */
export interface Health {
  /** Says whether the process serves, to those who ask and those who watch. At first it does not. */
  setServing(serving: boolean): void;
  /** Ends the streams of those who watch, now and from now on. */
  close(): void;
  readonly service: PublicService;
}

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;

/**
 * Makes the health service for the process as a whole (the empty name) and for each of `services`, which
 * all serve or all do not. At most `maxWatchers` streams are open; one more is RESOURCE_EXHAUSTED.
 */
export function createHealth(services: readonly DescService[], maxWatchers = 100): Health {
  const names = new Set(["", ...services.map((service) => service.typeName)]);
  const watchers = new Set<() => void>();
  let status: HealthCheckResponse_ServingStatus = NOT_SERVING;
  let closed = false;

  function wakeAll(): void {
    for (const wake of watchers) wake();
  }

  async function* watch(
    name: string,
    signal: AbortSignal,
  ): AsyncGenerator<{ status: HealthCheckResponse_ServingStatus }> {
    if (watchers.size >= maxWatchers) {
      throw new ConnectError("too many streams watch the health", Code.ResourceExhausted);
    }
    let resolve = (): void => {};
    const wake = (): void => resolve();
    watchers.add(wake);
    signal.addEventListener("abort", wake);
    try {
      let sent: HealthCheckResponse_ServingStatus | undefined;
      while (!signal.aborted) {
        const current = names.has(name) ? status : SERVICE_UNKNOWN;
        if (current !== sent) {
          sent = current;
          yield { status: current };
        } else if (closed) {
          return;
        } else {
          await new Promise<void>((done) => {
            resolve = done;
          });
        }
      }
    } finally {
      watchers.delete(wake);
      signal.removeEventListener("abort", wake);
    }
  }

  const implementation: ServiceImpl<typeof HealthService> = {
    check({ service }) {
      if (!names.has(service)) {
        throw new ConnectError(`there is no service ${quote(service)}`, Code.NotFound);
      }
      return { status };
    },
    list: () => ({ statuses: Object.fromEntries([...names].map((name) => [name, { status }])) }),
    watch: ({ service }, context: HandlerContext) => watch(service, context.signal),
  };

  return {
    setServing(serving) {
      status = serving ? SERVING : NOT_SERVING;
      wakeAll();
    },
    close() {
      closed = true;
      wakeAll();
    },
    service: {
      service: HealthService,
      register: (router) => void router.service(HealthService, implementation),
    },
  };
}
