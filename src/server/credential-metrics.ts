import { Counter, Gauge, type Registry } from "prom-client";
import type { SweeperStatus } from "../commands/credential/sweeper.ts";
import type { OverdueCounts } from "../commands/task/end-overdue.ts";
import type { CredentialArea } from "../credentials/area.ts";
import { ageBounds, type AgeCounts } from "../credentials/age-counts.ts";
import type { ClaimCounts } from "../credentials/claim-book.ts";
import type { DecisionCount } from "../credentials/decision-counts.ts";
import type { GateStatus } from "../credentials/gate-keeper.ts";
import type { IdentifierStatus } from "../credentials/identifier.ts";
import { keyPurposes } from "../credentials/keys/held-key.ts";
import type { KeyPurpose } from "../credentials/keyring.ts";
import type { RunnerCounts } from "../credentials/runner-counts.ts";
import { lagBounds, type LagCounts } from "../credentials/lag-counts.ts";
import { sweptThings } from "../storage/credential/sweep-rules.ts";
import { registerClaimMetrics } from "./claim-metrics.ts";
import { registerHistogram } from "./counted-histogram.ts";
import { registerGateMetrics } from "./gate-metrics.ts";
import { registerRunnerMetrics } from "./runner-metrics.ts";

/** What the metrics ask about credentials whenever they are read. */
export interface CredentialSources {
  /** The decisions about shown credentials, each counted when it was final. */
  readonly decisions: () => readonly DecisionCount[];
  /** How old credentials were that were used. */
  readonly ages: () => readonly AgeCounts[];
  readonly identifier: () => IdentifierStatus;
  /** The time of the database's clock, in milliseconds since 1970. */
  readonly databaseNow: () => number;
  readonly sweeper: () => SweeperStatus;
  readonly overdue: () => OverdueCounts;
  /** What became of claims; undefined: nobody counts. */
  readonly claims?: (() => ClaimCounts) | undefined;
  /** What was done about managers of runners. */
  readonly runners: () => RunnerCounts;
  /** What operators keep closed, by area. */
  readonly gates: () => readonly GateStatus[];
  /** The keys of this process, by what they are for. */
  readonly signingKeys: () => readonly {
    readonly purpose: KeyPurpose;
    readonly held: number;
    /** Whether it has the one that signs. */
    readonly signs: boolean;
  }[];
}

/** The sources of a process, from what it knows about credentials and what it does about them by itself. */
export function credentialSources(
  { bookkeeping, identifier, keyring, keys, gates, commands }: CredentialArea,
  { sweeper, overdue }: Pick<CredentialSources, "sweeper" | "overdue">,
): CredentialSources {
  return {
    decisions: bookkeeping.decisions,
    ages: bookkeeping.ages,
    runners: bookkeeping.runners.read,
    identifier: () => identifier.status(),
    databaseNow: () => identifier.databaseNow(),
    sweeper,
    overdue,
    claims: commands.claims?.read,
    gates: gates.status,
    signingKeys: () =>
      keyPurposes.map((purpose) => ({
        purpose,
        held: [...(keys?.held().values() ?? [])].filter((key) => key.purpose === purpose).length,
        signs: keyring.sign(purpose, () => "metrics") !== undefined,
      })),
  };
}

/** Adds the metrics of credentials. Every label is of a closed list: nobody who shows tokens makes a new series. */
export function registerCredentialMetrics(registry: Registry, sources: CredentialSources): void {
  registerDecisions(registry, sources);
  registerAges(registry, sources);
  registerFollowing(registry, sources);
  registerSweeper(registry, sources);
  registerOverdue(registry, sources);
  registerKeys(registry, sources);
  registerRunnerMetrics(registry, sources.runners);
  if (sources.claims !== undefined) registerClaimMetrics(registry, sources.claims);
  registerGateMetrics(registry, sources.gates);
}

const registers: Registry[] = [];

function registerDecisions(registry: Registry, { decisions }: CredentialSources): void {
  registry.registerMetric(
    new Counter({
      name: "fleetgate_auth_decisions_total",
      help: "Verdicts on credentials of bots, tasks and runners, on claims, on signed URLs and on assertions about callers that were shown, by what they came to",
      labelNames: ["kind", "code", "reason"] as const,
      registers,
      collect() {
        this.reset();
        for (const { kind, code, reason, count } of decisions()) {
          this.inc({ kind, code, reason }, count);
        }
      },
    }),
  );
}

function registerFollowing(
  registry: Registry,
  { identifier, databaseNow }: CredentialSources,
): void {
  const counters = {
    hits: "Credentials that were judged from memory",
    misses: "Credentials that were read because they were not in memory",
    stale: "Credentials that were read because what was in memory was too old",
  } as const;
  for (const name of ["hits", "misses", "stale"] as const) {
    registry.registerMetric(
      new Counter({
        name: `fleetgate_auth_cache_${name}_total`,
        help: counters[name],
        registers,
        collect() {
          this.reset();
          this.inc(identifier()[name]);
        },
      }),
    );
  }
  registry.registerMetric(
    new Gauge({
      name: "fleetgate_credential_feed_age_seconds",
      help: "How long ago the log of changes of credentials was known completely; absent before the first time",
      registers,
      collect() {
        const { completeAt } = identifier();
        if (completeAt === undefined) this.remove();
        else this.set(Math.max(0, databaseNow() - completeAt) / 1000);
      },
    }),
  );
  registerLag(registry, () => identifier().lag);
}

function registerLag(registry: Registry, lag: () => LagCounts): void {
  const head = {
    name: "fleetgate_revocation_lag_seconds",
    help: "Time from the commit of a change by which somebody may do less until this process acted on it",
  };
  registerHistogram(registry, head, lagBounds, () => [{ ...lag(), labels: {} }]);
}

function registerAges(registry: Registry, { ages }: CredentialSources): void {
  const head = {
    name: "fleetgate_credential_age_seconds",
    help: "How old credentials were when they were used, each about once a minute",
  };
  registerHistogram(registry, head, ageBounds, () =>
    ages().map(({ kind, ...counts }) => ({ ...counts, labels: { kind } })),
  );
}

function registerSweeper(registry: Registry, { sweeper }: CredentialSources): void {
  registry.registerMetric(
    new Counter({
      name: "fleetgate_swept_total",
      help: "What was past its retention and was removed by this process",
      labelNames: ["thing"] as const,
      registers,
      collect() {
        this.reset();
        const { removed } = sweeper();
        for (const thing of sweptThings) this.inc({ thing }, removed[thing]);
      },
    }),
  );
  registry.registerMetric(
    new Counter({
      name: "fleetgate_sweep_failures_total",
      help: "How often removing what is past its retention failed",
      registers,
      collect() {
        this.reset();
        this.inc(sweeper().failures);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: "fleetgate_swept_timestamp_seconds",
      help: "When this process last saw to it that what is past its retention is removed, in seconds since 1970; absent before",
      registers,
      collect() {
        const { sweptAt } = sweeper();
        if (sweptAt === undefined) this.remove();
        else this.set(sweptAt / 1000);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: "fleetgate_holds_live",
      help: "Live holds of tasks, over all replicas, as last counted; absent before",
      registers,
      collect() {
        const { liveHolds } = sweeper();
        if (liveHolds === undefined) this.remove();
        else this.set(liveHolds);
      },
    }),
  );
}

function registerOverdue(registry: Registry, { overdue }: CredentialSources): void {
  const counters = {
    fleetgate_tasks_timed_out_total: [
      "Tasks that this process ended at their deadline",
      "timedOut",
    ],
    fleetgate_hold_leases_expired_total: [
      "Leases of holds of which this process wrote down that they ran out",
      "leasesExpired",
    ],
  } as const;
  for (const [name, [help, count]] of Object.entries(counters)) {
    registry.registerMetric(
      new Counter({
        ...{ name, help, registers },
        collect() {
          this.reset();
          this.inc(overdue()[count]);
        },
      }),
    );
  }
}

function registerKeys(registry: Registry, { signingKeys }: CredentialSources): void {
  const labelNames = ["purpose"] as const;
  registry.registerMetric(
    new Gauge({
      name: "fleetgate_signing_keys_held",
      help: "Keys that this process holds, by what they are for",
      ...{ labelNames, registers },
      collect() {
        for (const { purpose, held } of signingKeys()) this.set({ purpose }, held);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: "fleetgate_signing_key_active",
      help: "1 while this process holds the key that signs, else 0",
      ...{ labelNames, registers },
      collect() {
        for (const { purpose, signs } of signingKeys()) this.set({ purpose }, signs ? 1 : 0);
      },
    }),
  );
}
