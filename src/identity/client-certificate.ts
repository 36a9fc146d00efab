/** What the TLS handshake of a connection said about the client. Nothing here was sent in a header. */
export type ClientCertificate =
  /** None was asked for, or none was given. */
  | { readonly kind: "none" }
  /** One was given that proves nothing: of another authority, expired, not yet valid, not for clients. */
  | { readonly kind: "bad" }
  /** One that an authority of ours vouches for. */
  | {
      readonly kind: "verified";
      /** The common name of the subject; "" when there is none, or more than one. */
      readonly commonName: string;
      /** The organizational units and organizations of the subject. */
      readonly organizationalUnits: readonly string[];
      readonly organizations: readonly string[];
      /** Subject alternative names, as they stand in the certificate. */
      readonly uris: readonly string[];
      readonly dnsNames: readonly string[];
      readonly emails: readonly string[];
      /** SHA-256 over the DER form, lower-case hexadecimal without colons: for logs and bindings. */
      readonly fingerprint: string;
      /** From when to when it is valid, in ms since 1970. */
      readonly validFrom: number;
      readonly validTo: number;
    };
