import { setTimeout as sleep } from "node:timers/promises";
import { toJson } from "@bufbuild/protobuf";
import {
  ClaimService,
  ClaimState,
  WatchClaimsResponseSchema,
  type Claim,
  type WatchClaimsResponse,
} from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { mayBeLost, wordsOf } from "../ask-with-nonce.ts";
import { CliError } from "../cli-error.ts";
import { examples, type AddCommand, type Cli } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { printLines, printNotes } from "../print.ts";
import { formatChange } from "./format-claim.ts";

/** Adds `claim watch`. */
export const addClaimWatch: AddCommand = (parent, cli) => {
  parent
    .command("watch")
    .argument("<claim...>", "their ids, at most 1000", claimsArgument)
    .description(
      "Tell how claims are, each at once and whenever it changes, until all are over: a line for each change. Ends with 0 when all were claimed, and with 1 when one ended otherwise. Connects again by itself, and gives up when no server answers for as long as --timeout says. For their opener and for task managers.",
    )
    .addHelpText(
      "after",
      examples([
        "did a worker come?",
        "fleetgate claim watch 6f1f6a3e-3c0e-4d53-9d6f-0d7f3a0c9b11",
      ]),
    )
    .action(cli.action((claimIds: readonly string[]) => watch(cli, claimIds)));
};

function claimsArgument(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), filledArgument(text)];
}

const pauseMs = 500;

/** A claim is told again each 30 s: a server that says nothing for so long is gone. */
const silenceMs = 75_000;

async function watch(cli: Cli, claimIds: readonly string[]): Promise<ExitCode> {
  const { timeout, json } = cli.globals();
  const ended = new Map<string, ClaimState>();
  const versions = new Map<string, bigint>();
  let lostAt: number | undefined;
  const onMessage = (message: WatchClaimsResponse): void => {
    lostAt = undefined;
    const { claim } = message;
    if (claim === undefined || !isNews(claim, versions)) return;
    versions.set(claim.claimId, claim.version);
    if (isOver(claim)) ended.set(claim.claimId, claim.state);
    printLines(
      cli.io,
      json ? JSON.stringify(toJson(WatchClaimsResponseSchema, message)) : formatChange(claim),
    );
  };
  const left = (): readonly string[] => [...new Set(claimIds)].filter((id) => !ended.has(id));
  while (left().length > 0) {
    try {
      await read(cli, left(), onMessage);
      // A server that stops ends its streams.
      if (left().length > 0) throw endedEarly();
    } catch (error) {
      if (left().length === 0) break;
      const isFirst = lostAt === undefined;
      lostAt ??= performance.now();
      if (!mayGoOn(error) || performance.now() - lostAt >= timeout) throw error;
      if (isFirst) printNotes(cli.io, `connecting again: ${wordsOf(error)}`);
      await sleep(pauseMs);
    }
  }
  const isClaimed = [...ended.values()].every((state) => state === ClaimState.CLAIMED);
  return isClaimed ? exitCodes.ok : exitCodes.denied;
}

class EndedEarly extends CliError {}

function endedEarly(): EndedEarly {
  return new EndedEarly("the server ends the stream before all claims are over", {
    exitCode: exitCodes.failed,
  });
}

function mayGoOn(error: unknown): boolean {
  return error instanceof EndedEarly || mayBeLost(error);
}

function isNews({ claimId, version }: Claim, versions: ReadonlyMap<string, bigint>): boolean {
  const before = versions.get(claimId);
  return before === undefined || version > before;
}

function isOver({ state }: Claim): boolean {
  return state !== ClaimState.PENDING && state !== ClaimState.UNSPECIFIED;
}

/** Reads one stream to its end. */
async function read(
  cli: Cli,
  claimIds: readonly string[],
  onMessage: (message: WatchClaimsResponse) => void,
): Promise<void> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), silenceMs);
  try {
    await withConnection(cli, async (connection) => {
      // 0 is no deadline: a claim may be pending for days.
      const options = { timeoutMs: 0, signal: silence.signal };
      const stream = connection
        .client(ClaimService)
        .watchClaims({ claimIds: [...claimIds] }, options);
      for await (const message of stream) {
        timer.refresh();
        onMessage(message);
      }
    });
  } finally {
    clearTimeout(timer);
  }
}
