import { toBinary, type DescMethodUnary } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import type { MakeAttempt } from "../../../../src/client/node/attempt.ts";
import { openScope } from "../../../../src/client/node/scope.ts";
import { AclService } from "../../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { ScriptedServer } from "../../support/scripted-server.ts";
import type { Case } from "./case.ts";

/** Everything that a caller can see of how an attempt ended, in plain values. */
export type Outcome =
  | {
      readonly kind: "answer";
      readonly message: string;
      readonly header: Entries;
      readonly trailer: Entries;
    }
  | {
      readonly kind: "error";
      readonly code: number;
      readonly text: string;
      readonly details: readonly object[];
      readonly metadata: Entries;
      readonly isWireError: boolean;
      readonly cause: unknown;
    }
  | { readonly kind: "thrown"; readonly value: string };

type Entries = readonly (readonly [name: string, value: string])[];

/** A call as the caller makes it. */
export interface Question {
  readonly method: DescMethodUnary;
  readonly input: Readonly<Record<string, unknown>>;
  readonly header?: Headers;
  readonly token?: string;
}

/** The question of the scripted cases. */
export const usual: Question = {
  method: AclService.method.checkPoolPerm,
  input: { caller: "user:ann@example.com", permission: "p", pool: "\u00e9" },
  token: "token",
};

const closed = new AbortController().signal;

/** Makes one attempt and says how it ended. */
export async function ask(
  attempt: MakeAttempt,
  { method, input, header, token }: Question,
  timeoutMs: number | undefined = 30_000,
  signal?: AbortSignal,
): Promise<Outcome> {
  const scope = openScope(closed, signal, timeoutMs);
  try {
    const answer = await attempt({
      method,
      input,
      header,
      token,
      timeoutMs,
      scope,
      contextValues: undefined,
    });
    return {
      kind: "answer",
      message: Buffer.from(toBinary(method.output, answer.message)).toString("hex"),
      header: [...answer.header],
      trailer: [...answer.trailer],
    };
  } catch (error) {
    return describeError(error);
  } finally {
    scope.end();
  }
}

/** Makes one attempt while the server plays the script of the case. */
export async function attemptCase(
  server: ScriptedServer,
  attempt: MakeAttempt,
  { script, timeoutMs, abort }: Case,
): Promise<Outcome> {
  const aborting = new AbortController();
  server.script = script;
  server.onPlayed = () => {
    if (abort?.when === "asked") aborting.abort(abort.reason);
  };
  if (abort?.when === "before") aborting.abort(abort.reason);
  const signal = abort === undefined ? undefined : aborting.signal;
  try {
    return await ask(attempt, usual, timeoutMs, signal);
  } finally {
    server.onPlayed = () => undefined;
  }
}

function describeError(error: unknown): Outcome {
  if (!(error instanceof ConnectError)) return { kind: "thrown", value: String(error) };
  return {
    kind: "error",
    code: error.code,
    text: error.message,
    details: error.details.map((detail) =>
      "type" in detail
        ? {
            ...detail,
            value: Buffer.from(detail.value).toString("hex"),
            of: detail.value.constructor.name,
          }
        : {},
    ),
    metadata: [...error.metadata],
    isWireError: error.isWireError,
    cause: describeCause(error.cause),
  };
}

function describeCause(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  return { text: String(cause), code: "code" in cause ? cause.code : undefined };
}
