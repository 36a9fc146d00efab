import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { certificateAt } from "../identity/certificate-validity.ts";
import type { ClientCertificate } from "../identity/client-certificate.ts";
import { connectionOf, type Arrival } from "../rpc/transport/server-request.ts";
import { stillVouched, type ClientAuthorities } from "./client-authorities.ts";
import { readHandshake } from "./read-client-certificate.ts";

/** Knows what the clients of open connections have proven by their certificates. */
export interface ClientCertificates {
  /** Puts authorities in force, for open connections too. From the first time on every client is asked. */
  setAuthorities(authorities: ClientAuthorities): void;
  /** Notes what the handshake said, which was made under these authorities. */
  note(socket: TLSSocket, authorities: ClientAuthorities): void;
  /** Notes that a connection of another protocol runs on the socket. */
  share(socket: object, connection: object): void;
  /**
   * What the client of a request has proven, now: a certificate that is over, or whose authority is not in
   * force any more, is "bad".
   */
  of(request: Arrival): ClientCertificate;
}

interface Known {
  proven: ClientCertificate;
  readonly certificate: X509Certificate | undefined;
  /** The authorities that vouch for it. */
  authorities: ClientAuthorities;
}

const none: ClientCertificate = { kind: "none" };
const bad: ClientCertificate = { kind: "bad" };

/** Makes a store for one listener. `clock` gives ms since 1970. */
export function createClientCertificates(clock: () => number): ClientCertificates {
  const connections = new WeakMap<object, Known>();
  let inForce: ClientAuthorities | undefined;

  function renew(known: Known, authorities: ClientAuthorities): void {
    if (known.authorities === authorities) return;
    const { certificate } = known;
    if (certificate !== undefined && !stillVouched(certificate, known.authorities, authorities)) {
      known.proven = bad;
    }
    known.authorities = authorities;
  }

  return {
    setAuthorities(authorities) {
      inForce = authorities;
    },
    note(socket, authorities) {
      connections.set(socket, { ...readHandshake(socket), authorities });
    },
    share(socket, connection) {
      const known = connections.get(socket);
      if (known !== undefined) connections.set(connection, known);
    },
    of(request) {
      if (inForce === undefined) return none;
      const known = connections.get(connectionOf(request));
      // A request whose connection is gone proves nothing; it must not pass for one without a certificate.
      if (known === undefined) return bad;
      renew(known, inForce);
      return certificateAt(known.proven, clock());
    },
  };
}
