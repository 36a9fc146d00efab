import type { AnswerKind, SetName } from "./messages.ts";
import type { ModeName, RunCounts, Scale } from "./plan.ts";

/** A server of the comparison; each is a process of its own. */
export interface ServerSpec {
  readonly kind: "bare" | "grpc-js" | "fleetgate" | "cerbos";
  readonly scale: Scale;
  /** Of Fleetgate: whether every call is logged, and whether the fast path is on. */
  readonly logCalls?: boolean;
  readonly fastPath?: boolean;
  /** Of Fleetgate: another Node, and flags for it. */
  readonly node?: string | undefined;
  readonly nodeFlags?: readonly string[];
}

/** One line of the tables. */
export interface Row {
  /** Its name on the command line and in the results. */
  readonly id: string;
  readonly label: string;
  /** The key of its server in `servers`. */
  readonly server: string;
  readonly port: string;
  readonly scale: Scale;
  readonly set: SetName;
  readonly answer: AnswerKind;
  /** Who asks: a service on behalf of others, or somebody about itself; undefined: nobody proves who it is. */
  readonly token: "asker" | "own" | undefined;
  /** How many checks a request asks for; 0: none is made. */
  readonly checks: number;
  readonly modes: readonly ModeName[];
}

/** A way to run our server that is compared with the usual one. */
export interface Variant {
  readonly name: string;
  readonly node?: string | undefined;
  readonly nodeFlags?: readonly string[];
}

/** What is not a row, and may be named in its place. */
export const sections = ["clients", "engine", "libraries", "loading"] as const;

/** One of them. */
export type Section = (typeof sections)[number];

// h2load drops what is under way at its end, which would count much where requests are few and large.
const everyMode: readonly ModeName[] = ["saturated", "h2load", "one", "paced"];
const saturated: readonly ModeName[] = ["saturated"];

/** All servers by their key, the rows' and those of variants. */
export function serverSpecs(variants: readonly Variant[]): ReadonlyMap<string, ServerSpec> {
  const specs = new Map<string, ServerSpec>([
    ["bare", { kind: "bare", scale: "100k" }],
    ["grpc-js", { kind: "grpc-js", scale: "100k" }],
    ["stock", { kind: "fleetgate", scale: "100k", fastPath: false }],
    ["ours-log", { kind: "fleetgate", scale: "100k", logCalls: true }],
  ]);
  for (const scale of ["100k", "1k", "1M"] as const) {
    specs.set(`ours@${scale}`, { kind: "fleetgate", scale });
    specs.set(`cerbos@${scale}`, { kind: "cerbos", scale });
  }
  for (const { name, node, nodeFlags = [] } of variants) {
    specs.set(`ours-${name}`, { kind: "fleetgate", scale: "100k", node, nodeFlags });
  }
  return specs;
}

/** All rows, in the order of the tables. */
export function allRows(variants: readonly Variant[]): readonly Row[] {
  return [
    ...bareRows,
    ...fleetgateRows,
    ...variants.map(({ name }) =>
      ours({ id: `ours-${name}`, label: `Fleetgate, ${name}`, server: `ours-${name}` }),
    ),
    ...cerbosRows("100k", everyMode),
    ...(["1k", "1M"] as const).flatMap((scale) => [
      ours({ id: `ours@${scale}`, scale, modes: ["saturated", "one"] }),
      ours({
        ...{ id: `ours-batch-50@${scale}`, label: "Fleetgate, batch of 50", scale },
        ...{ set: "batch-50", answer: "batch", checks: 50, modes: saturated },
      }),
      ...cerbosRows(scale, ["saturated", "one"]),
    ]),
  ];
}

const single: Pick<Row, "scale" | "set" | "answer" | "checks" | "modes"> = {
  ...{ scale: "100k", set: "permitted", answer: "status", checks: 1, modes: everyMode },
};

const bareRows: readonly Row[] = [
  {
    ...{ ...single, id: "raw", label: "node:http2, fixed bytes", server: "bare", port: "raw" },
    ...{ answer: "fixed", token: undefined, checks: 0 },
  },
  {
    ...{ ...single, id: "bare", label: "node:http2, bare gRPC handler", server: "bare" },
    ...{ port: "bare", token: undefined, checks: 0 },
  },
  {
    ...{ ...single, id: "grpc-js", label: "grpc-js, empty handler", server: "grpc-js" },
    ...{ port: "main", token: undefined, checks: 0 },
  },
];

/** A row of ours: a permitted gRPC check on behalf of another, unless told otherwise. */
function ours(of: Partial<Row> & { readonly id: string }): Row {
  const scale = of.scale ?? "100k";
  return {
    ...{ ...single, label: "Fleetgate", server: `ours@${scale}`, port: "main", token: "asker" },
    ...of,
  };
}

const stock = { server: "stock" } as const;
const fleetgateRows: readonly Row[] = [
  ours({ ...stock, id: "stock", label: "stock connect-node, our engine" }),
  ours({ ...stock, id: "stock-denied", label: "stock connect-node, denied", set: "denied" }),
  ours({ id: "ours" }),
  ours({ id: "ours-denied", label: "Fleetgate, denied", set: "denied" }),
  ours({ id: "ours-own", label: "Fleetgate, about itself", set: "own", token: "own" }),
  ours({ id: "ours-log", label: "Fleetgate, call log on", server: "ours-log" }),
  ours({ id: "ours-connect", label: "Fleetgate, Connect binary", set: "connect" }),
  ours({ id: "ours-json", label: "Fleetgate, Connect JSON", set: "json" }),
  ours({
    ...{ id: "ours-batch-50", label: "Fleetgate, batch of 50", set: "batch-50" },
    ...{ answer: "batch", checks: 50, modes: saturated },
  }),
  ours({
    ...{ id: "ours-batch-1000", label: "Fleetgate, batch of 1,000", set: "batch-1000" },
    ...{ answer: "batch", checks: 1_000, modes: saturated },
  }),
  ours({
    ...{ id: "ours-packed-50", label: "Fleetgate, packed 50", set: "packed-50" },
    ...{ answer: "packed", checks: 50, modes: saturated },
  }),
  ours({
    ...{ id: "ours-packed-1000", label: "Fleetgate, packed 1,000", set: "packed-1000" },
    ...{ answer: "packed", checks: 1_000, modes: saturated },
  }),
];

function cerbosRows(scale: Scale, modes: readonly ModeName[]): readonly Row[] {
  const suffix = scale === "100k" ? "" : `@${scale}`;
  const base = { scale, server: `cerbos@${scale}`, port: "main", token: undefined } as const;
  return (["derived", "plain"] as const).flatMap((variant): readonly Row[] => [
    {
      ...{ ...base, id: `cerbos-${variant}${suffix}`, label: `Cerbos, ${variant} roles` },
      ...{ set: `cerbos-${variant}`, answer: "cerbos", checks: 1, modes },
    },
    {
      ...{ ...base, id: `cerbos-${variant}-50${suffix}`, label: `Cerbos, ${variant} roles, 50` },
      ...{ set: `cerbos-${variant}-50`, answer: "cerbos", checks: 50 },
      modes: saturated,
    },
  ]);
}

/** What is to be measured. */
export interface Selection {
  readonly rows: readonly Row[];
  readonly sections: ReadonlySet<Section>;
}

/** The rows and sections of these names, or all. A name that is nobody's is returned. */
export function select(
  rows: readonly Row[],
  only: readonly string[] | undefined,
): Selection | { readonly unknown: string } {
  if (only === undefined) return { rows, sections: new Set(sections) };
  const names = new Set<string>([...rows.map(({ id }) => id), ...sections]);
  const unknown = only.find((name) => !names.has(name));
  if (unknown !== undefined) return { unknown };
  return {
    rows: rows.filter(({ id }) => only.includes(id)),
    sections: new Set(sections.filter((name) => only.includes(name))),
  };
}

/** How many runs a round has. */
export function countRuns(
  selection: Selection,
  of: { readonly clients: number; readonly engines: number; readonly libraries: number },
): RunCounts {
  const { rows, sections: chosen } = selection;
  const count = (mode: ModeName): number => rows.filter(({ modes }) => modes.includes(mode)).length;
  return {
    ...{ saturated: count("saturated"), h2load: count("h2load") },
    ...{ one: count("one"), paced: count("paced"), rows: rows.length },
    clients: chosen.has("clients") ? of.clients : 0,
    engines: chosen.has("engine") ? of.engines : 0,
    libraries: chosen.has("libraries") ? of.libraries : 0,
    loading: chosen.has("loading"),
  };
}
