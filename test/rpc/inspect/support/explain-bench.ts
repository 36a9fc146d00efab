import assert from "node:assert/strict";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  InspectService,
  type ExplainRequestSchema,
} from "../../../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { ask, bearer, type Bench, type Reply } from "../../support/bench.ts";
import { openInspectBench } from "./inspect-bench.ts";
import { askers, inspectState } from "./inspect-world.ts";

const { explain } = InspectService.method;
type Shape = MessageInitShape<typeof ExplainRequestSchema>;

/** A request for an explanation. */
export interface ExplainInit {
  readonly check?: NonNullable<Shape["check"]>;
  readonly consistency?: NonNullable<Shape["consistency"]>;
}

/** What an explanation says, in JSON. */
export interface Explained {
  readonly outcome: { readonly code?: number };
  readonly pools?: readonly string[];
  readonly explanation?: {
    readonly steps: readonly Readonly<Record<string, unknown>>[];
    readonly [field: string]: unknown;
  };
}

/** Whom most tests ask about: she may create tasks in pool `ci`. */
export const ann = "user:ann@example.com";

/** The permission to create tasks in a pool. */
export const permission = "swarming.pools.createTask";

/** The headers of one who may read everything. */
export const reader = bearer(askers.reader.token);

/** A request about a pool. */
export function inPool(value: object): ExplainInit {
  return { check: { case: "pool", value } };
}

/** A bench that has the usual world before each test of a `describe`, and a question to it. */
export interface ExplainBench {
  readonly bench: () => Bench;
  /** Asks over the first wire, as a reader unless told otherwise. */
  readonly first: (
    request: ExplainInit,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Reply>;
}

/** Opens such a bench before the tests of the `describe` that calls this, and closes it after them. */
export function openExplainBench(): ExplainBench {
  const bench = openInspectBench(inspectState());
  return {
    bench,
    first: (request, headers = reader) =>
      ask((bench().wires[0] ?? assert.fail()).transport, explain, request, headers),
  };
}
