import { parseArgs } from "node:util";
import { fleetShapes, type FleetSize } from "../test/support/fleets/sizes.ts";

/** What is measured, and how long. */
export interface BenchOptions {
  readonly help: boolean;
  readonly engine: boolean;
  readonly transport: boolean;
  readonly live: boolean;
  readonly credentials: boolean;
  readonly claims: boolean;
  /** A fraction of the time, the huge and the large fleet left out: to see that everything runs. */
  readonly quick: boolean;
  readonly sizes: readonly FleetSize[];
  readonly seed: number;
  /** Where the raw results go; undefined: nowhere. */
  readonly out: string | undefined;
  /** Whether the tables of `live`, `credentials` or `claims` take the place of those in docs/benchmarks.md. */
  readonly docs: boolean;
}

const sections = ["engine", "transport", "live", "credentials", "claims"] as const;

const listed = sections.join(", ");

/** A command line that is not understood. The message is for the user. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The page that `--help` prints. */
export const help = `Usage: npm run bench -- [engine|transport|live|credentials|claims] [options]

Measures Fleetgate on this machine, on 127.0.0.1 only, and prints tables. Takes less than five minutes; live
alone less than ten, credentials four, claims two.
How to read them: docs/benchmarks.md.

  engine      ns per check in the process, by kind, and what a snapshot costs to build and to keep
  transport   single checks over gRPC and Connect, against an empty handler on the stock stack
  live        changes under way: commit to visible on three replicas, what a change and a load cost, how
              long replicas stall; on a Postgres of its own
  credentials tokens of tasks: what identifying costs, cached and not, what it writes, and how soon a token that
              has ended is refused on three replicas; on a Postgres of its own
  claims      claims from open to the one answer, enrolments, heartbeats of 10,000 managers and what they write; on a
              Postgres of its own
  none        engine and transport

Options:
  --quick          a short run, smaller fleets; the figures are rough
  --sizes LIST     the fleets of the engine, of ${Object.keys(fleetShapes).join(",")}
  --seed N         the seed of the fleets and questions, 1 unless set
  --out FILE       write the raw results as JSON, for example to bench/results/today.json
  --docs           with live, credentials or claims: put its tables into docs/benchmarks.md
  -h, --help       this page

Examples:
  npm run bench
  npm run bench -- engine --sizes small,huge
  npm run bench -- transport --quick
  npm run bench -- credentials --quick
  npm run bench -- live --docs --out bench/results/live.json
  npm run bench -- --out bench/results/today.json`;

/** Reads the command line. Throws UsageError. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parse(args);
  const [given, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`give one of ${listed}, or none`);
  const section = sections.find((name) => name === given);
  if (section !== given) {
    throw new UsageError(`there is no bench "${given}": ${listed}`);
  }
  const { docs } = values;
  if (docs && section !== "live" && section !== "credentials" && section !== "claims") {
    throw new UsageError("--docs is for live, credentials and claims");
  }
  const quick = values.quick;
  return {
    help: values.help,
    engine: section === undefined || section === "engine",
    transport: section === undefined || section === "transport",
    live: section === "live",
    credentials: section === "credentials",
    claims: section === "claims",
    quick,
    sizes: readSizes(values.sizes ?? (quick ? "tiny,small,medium" : "")),
    seed: readSeed(values.seed),
    out: values.out,
    docs,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h", default: false },
        quick: { type: "boolean", default: false },
        sizes: { type: "string" },
        seed: { type: "string", default: "1" },
        out: { type: "string" },
        docs: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readSizes(text: string): readonly FleetSize[] {
  const names = text === "" ? Object.keys(fleetShapes) : text.split(",");
  for (const name of names) {
    if (!Object.hasOwn(fleetShapes, name)) {
      throw new UsageError(
        `there is no size "${name}": ${Object.keys(fleetShapes).join(", ")}, with commas between`,
      );
    }
  }
  return names as FleetSize[];
}

function readSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError("--seed must be a whole number");
  return Number(text);
}
