import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";
import { compressionNegotiate, type Compression } from "@connectrpc/connect/protocol";

/** The compressions that requests and answers may have, the one that we like best first. */
export const compressions: readonly Compression[] = [compressionGzip, compressionBrotli];

/** The size from which an answer is compressed, in bytes, where its client accepts that. */
export const minCompressedBytes = 1024;

/** The compression of the answer to a client that says what it accepts; undefined: none. */
export function chooseCompression(accepted: string | undefined): Compression | undefined {
  if (accepted === undefined || accepted === "identity") return undefined;
  return compressionNegotiate([...compressions], null, accepted, "").response ?? undefined;
}
