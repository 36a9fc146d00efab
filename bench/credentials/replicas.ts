import { createClient, type Client } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { CallerService } from "../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { CredentialService } from "../../src/gen/fleetgate/credential/v1/credential_service_pb.ts";
import { TaskState } from "../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import { TaskService } from "../../src/gen/fleetgate/credential/v1/task_service_pb.ts";
import { openLeanSession, type LeanSession } from "../peers/load/lean-session.ts";
import { requestHeaders } from "../transport/frames.ts";
import type { Target } from "./measure.ts";
import type { TaskToken } from "./messages.ts";
import { pathOf, prepareRequests } from "./requests.ts";

/** How long a stream may say nothing of a token that has ended, in milliseconds. */
const patienceMs = 30_000;

/** A replica, as those use it who end tokens and those who are shown them. */
export interface TokenReplica {
  /** Ends the task of a token, or revokes the token alone, by turns. */
  readonly end: (token: TaskToken, index: number) => Promise<void>;
  readonly isRefused: (token: TaskToken) => Promise<boolean>;
  /** Resolves when WatchRevocations has told of the subject, with the time. */
  readonly told: (token: TaskToken) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Connects to a replica, and watches revocations there. */
export async function openReplica(
  { port }: Target,
  keys: { readonly adminKey: string; readonly serviceKey: string },
): Promise<TokenReplica> {
  const url = `http://127.0.0.1:${port}`;
  const sessionManager = new Http2SessionManager(url);
  const transport = createGrpcTransport({ baseUrl: url, sessionManager });
  const headers = { authorization: `Bearer ${keys.adminKey}` };
  const tasks = createClient(TaskService, transport);
  const credentials = createClient(CredentialService, transport);
  const lean = await openLeanSession({
    ...{ port, path: pathOf("identify"), headers: requestHeaders("gRPC", keys.serviceKey) },
    keepBodies: false,
  });
  const watched = await watch(createClient(CallerService, transport), keys.serviceKey);
  return {
    end: async ({ taskId, credentialId }, index) => {
      if (index % 2 === 0) await tasks.endTask({ taskId, state: TaskState.SUCCEEDED }, { headers });
      else await credentials.revokeCredential({ credentialId, reason: "bench" }, { headers });
    },
    isRefused: (token) => isRefused(lean, token),
    told: watched.told,
    close: async () => {
      watched.stop();
      await lean.close();
      sessionManager.abort();
    },
  };
}

function isRefused(session: LeanSession, token: TaskToken): Promise<boolean> {
  const [request] = prepareRequests("gRPC", "identify", [token]);
  return new Promise((resolve, reject) => {
    session.call(request?.body ?? new Uint8Array(), ({ failure, http, grpc }) => {
      if (failure !== "") reject(new Error(failure));
      else if (grpc === "0") resolve(false);
      // PERMISSION_DENIED and UNAUTHENTICATED: its task has ended, or it was revoked.
      else if (grpc === "7" || grpc === "16") resolve(true);
      else reject(new Error(`an answer had the status ${http}/${grpc}`));
    });
  });
}

interface Watched {
  readonly told: (token: TaskToken) => Promise<number>;
  readonly stop: () => void;
}

/** Resolves when the first message is there. */
async function watch(callers: Client<typeof CallerService>, key: string): Promise<Watched> {
  const stop = new AbortController();
  const waiting = new Map<string, (at: number) => void>();
  const stream = callers.watchRevocations(
    {},
    { signal: stop.signal, headers: { authorization: `Bearer ${key}` } },
  );
  let begun = (): void => {};
  const first = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const done = (async () => {
    for await (const { revocations } of stream) {
      const at = performance.now();
      begun();
      for (const { subjectUid } of revocations) {
        waiting.get(subjectUid)?.(at);
        waiting.delete(subjectUid);
      }
    }
  })();
  // Whoever waits for more has a time-out; the end of the bench aborts the stream.
  done.catch(() => undefined);
  await Promise.race([first, done]);
  return {
    told: ({ uid }) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error("WatchRevocations did not tell of a token that has ended"));
        }, patienceMs);
        waiting.set(uid, (at) => {
          clearTimeout(timer);
          resolve(at);
        });
      }),
    stop: () => stop.abort(),
  };
}
