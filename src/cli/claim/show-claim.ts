import type { MessageShape } from "@bufbuild/protobuf";
import type {
  Claim,
  OpenClaimResponseSchema,
  SupersedeClaimResponseSchema,
} from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import { askAgain, mayBeLost } from "../ask-with-nonce.ts";
import type { Cli } from "../cli.ts";
import type { Connection } from "../connection.ts";
import { formatTime } from "../format-time.ts";
import { plain, printNotes } from "../print.ts";
import { askForSecrets } from "../secret-files.ts";
import { showToken } from "../show-token.ts";
import { formatChange } from "./format-claim.ts";

type OpenedSchema = typeof OpenClaimResponseSchema | typeof SupersedeClaimResponseSchema;

/** Opens a claim, again with the same id when the answer was lost, and shows its token. */
export async function openAndShow<D extends OpenedSchema>(
  cli: Cli,
  options: { readonly schema: D; readonly claimId: string; readonly tokenFile: string | undefined },
  ask: (connection: Connection) => Promise<MessageShape<D>>,
): Promise<void> {
  const { schema, claimId, tokenFile } = options;
  const response = await askForSecrets(
    [{ path: tokenFile }],
    () => askAgain(cli, ask),
    ({ token }) => [token],
  ).catch((error: unknown) => {
    if (mayBeLost(error)) {
      printNotes(cli.io, `it may be open: the same with --claim ${plain(claimId)} is harmless`);
    }
    throw error;
  });
  const { token, claim, tlsFingerprint } = response;
  showToken(cli, {
    schema,
    response,
    token: tokenFile === undefined ? token : "",
    about: [
      ...(claim === undefined ? [] : [aboutClaim(claim)]),
      ...(tlsFingerprint === ""
        ? []
        : [`the worker may pin this server: --tls-fingerprint ${plain(tlsFingerprint)}`]),
    ],
    files: [tokenFile],
    strip: (copy) => {
      if (tokenFile !== undefined) copy.token = "";
    },
  });
}

function aboutClaim(claim: Claim): string {
  const { claimId, jobId, deadline, credentialId } = claim;
  return `claim ${plain(claimId)} of job ${plain(jobId)}, until ${formatTime(deadline, "-")}, token ${plain(credentialId)}`;
}

/** A line about a claim that was changed. */
export function changedLines(claim: Claim | undefined): readonly string[] {
  return claim === undefined ? [] : [formatChange(claim)];
}
