import { createClient, type CallOptions, type Client } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { BotService } from "../../../src/gen/fleetgate/credential/v1/bot_service_pb.ts";
import { CallerService } from "../../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { ClaimService } from "../../../src/gen/fleetgate/credential/v1/claim_service_pb.ts";
import { CredentialService } from "../../../src/gen/fleetgate/credential/v1/credential_service_pb.ts";
import { RunnerService } from "../../../src/gen/fleetgate/credential/v1/runner_service_pb.ts";
import { SessionService } from "../../../src/gen/fleetgate/credential/v1/session_service_pb.ts";
import { TaskService } from "../../../src/gen/fleetgate/credential/v1/task_service_pb.ts";
import { atEnd } from "./cleanup.ts";
import { told } from "./failures.ts";
import { start } from "./processes.ts";
import { cliFile } from "../../support/cli-file.ts";

/** A server in a process of its own, and clients of what it knows about bots, runners and tasks. */
export interface CredentialReplica {
  readonly bots: Client<typeof BotService>;
  readonly callers: Client<typeof CallerService>;
  readonly claims: Client<typeof ClaimService>;
  readonly credentials: Client<typeof CredentialService>;
  readonly runners: Client<typeof RunnerService>;
  readonly sessions: Client<typeof SessionService>;
  readonly tasks: Client<typeof TaskService>;
  /** Kills it as a crash would. */
  readonly kill: () => void;
}

/** Starts a server on a database without notifications; it is killed after the tests of the file. */
export async function startReplica(databaseUrl: string): Promise<CredentialReplica> {
  const args = ["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off", "--notify", "off"];
  const running = start(process.execPath, [cliFile, ...args], {
    DATABASE_URL: databaseUrl,
  });
  const [, baseUrl = ""] = await running.says(/listens on (http\S+)\n/);
  const sessionManager = new Http2SessionManager(baseUrl);
  atEnd(() => {
    sessionManager.abort();
  });
  const transport = createGrpcTransport({ baseUrl, sessionManager, defaultTimeoutMs: 30_000 });
  return {
    bots: createClient(BotService, transport),
    callers: createClient(CallerService, transport),
    claims: createClient(ClaimService, transport),
    credentials: createClient(CredentialService, transport),
    runners: createClient(RunnerService, transport),
    sessions: createClient(SessionService, transport),
    tasks: createClient(TaskService, transport),
    kill: () => running.signal("SIGKILL"),
  };
}

/** A call with this credential. */
export function as(token: string): CallOptions {
  return { headers: { authorization: `Bearer ${token}` } };
}

/** What became of a call. */
export type Outcome<T> =
  | { readonly kind: "done"; readonly value: T }
  /** Code and reason: `FailedPrecondition ALREADY_FETCHED`. */
  | { readonly kind: "refused"; readonly what: string }
  /** There was no answer, or none but that the database did not give one in time: nobody knows whether it was done. */
  | { readonly kind: "cut"; readonly by: "end of the replica" | "outage" };

/** Waits for a call, whatever becomes of it. */
export async function outcomeOf<T>(call: Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: "done", value: await call };
  } catch (error) {
    // Every error of ours has a reason.
    const { what } = told(error);
    if (what.endsWith(" -")) return { kind: "cut", by: "end of the replica" };
    // So many at once on a slow machine may be too many.
    if (what === "Unavailable STORAGE_UNAVAILABLE") return { kind: "cut", by: "outage" };
    return { kind: "refused", what };
  }
}

/** Calls at several replicas, one of which is killed in the middle. */
export interface Storm {
  /** Calls the replica whose turn it is. */
  readonly call: <T>(
    index: number,
    call: (replica: CredentialReplica) => Promise<T>,
  ) => Promise<Outcome<T>>;
  /** The same again at the next replica as long as there is no answer. */
  readonly callUntilAnswered: <T>(
    index: number,
    call: (replica: CredentialReplica) => Promise<T>,
  ) => Promise<Outcome<T>>;
  /** How many calls got no answer since their replica was gone. */
  readonly cutOff: () => number;
}

/** Begins one: the last replica is killed once so many calls were answered. */
export function beginStorm(replicas: readonly CredentialReplica[], killAfter: number): Storm {
  let answered = 0;
  let cutOff = 0;
  const call: Storm["call"] = async (index, use) => {
    const replica = replicas[index % replicas.length];
    if (replica === undefined) throw new Error("there are no replicas");
    const outcome = await outcomeOf(use(replica));
    if (outcome.kind !== "cut") answered += 1;
    else if (outcome.by === "end of the replica") cutOff += 1;
    if (answered === killAfter) replicas.at(-1)?.kill();
    return outcome;
  };
  return {
    call,
    callUntilAnswered: async (index, use) => {
      for (let turn = 0; ; turn += 1) {
        const outcome = await call(index + turn, use);
        if (outcome.kind !== "cut" || turn === replicas.length) return outcome;
      }
    },
    cutOff: () => cutOff,
  };
}
