import type { ConnectRouter } from "@connectrpc/connect";
import type { DescService } from "@bufbuild/protobuf";
import type { CommandDeps } from "../commands/deps.ts";
import type { CredentialArea } from "../credentials/area.ts";
import type { CertificateRule } from "../identity/certificate-rule.ts";
import type { ClientCertificate } from "../identity/client-certificate.ts";
import type { VerifyJwt } from "../identity/jwt-outcome.ts";
import type { Replica } from "../replica/replica.ts";
import type { CallRecord } from "./call.ts";
import type { Arrival } from "./transport/server-request.ts";

/** A service that needs no credential, such as health or reflection. Its methods are in the method table. */
export interface PublicService {
  readonly service: DescService;
  readonly register: (router: ConnectRouter) => void;
}

/** What the rpc floor may be told to do differently. */
export interface RpcOptions {
  /** Whether a peer without a credential may use AclService, as `anonymous:anonymous`. */
  readonly allowAnonymous: boolean;
  /** How long a call waits for the freshness that it asks for. */
  readonly freshnessWaitMs: number;
  /** The longest deadline that a call may set; a longer one is INVALID_ARGUMENT. */
  readonly maxTimeoutMs: number;
}

/** How peers prove who they are without an API key. */
export interface PeerIdentity {
  /** Tells what a bearer that has the form of a JWT proves. */
  readonly verifyJwt: VerifyJwt;
  /** What verified certificates map to; the first rule that fits decides. */
  readonly certificateRules: readonly CertificateRule[];
  /** What the TLS handshake said about the client of the connection that a request came through. */
  readonly certificateOf: (request: Arrival) => ClientCertificate;
}

/** No JWT proves anything, and no connection has a certificate. */
export const noPeerIdentity: PeerIdentity = {
  verifyJwt: () => Promise.resolve({ kind: "refused", why: "no issuer is configured" }),
  certificateRules: [],
  certificateOf: () => ({ kind: "none" }),
};

/** What the rpc floor works with. */
export interface RpcDeps {
  readonly commands: CommandDeps;
  readonly replica: Replica;
  readonly publicServices: readonly PublicService[];
  /** Told about every call once, when it is over, refused ones included. */
  readonly onCall: (record: CallRecord) => void;
  /** Told whenever an API key admits a call. */
  readonly onKeyUse: (keyId: string, at: Date) => void;
  /** JWTs and client certificates; `noPeerIdentity` when left out. */
  readonly identity?: PeerIdentity;
  /** Credentials of bots, tasks and runners; absent: no such credential is good here, and there are none to manage. */
  readonly credentials?: CredentialArea | undefined;
  /** What clients pin (formatCertificatePin) of the certificate that the server made itself; absent or undefined: it made none. */
  readonly tlsFingerprint?: () => string | undefined;
  readonly clock: () => Date;
  readonly newRequestId: () => string;
  /** Ends waits and streams when the server stops. */
  readonly shutdownSignal: AbortSignal;
  readonly options: RpcOptions;
}
