import { SelfEncoded } from "./binary-text.ts";
import { detailBytes, statusBinary, typeUrl, type WireStatus } from "./wire-status.ts";

/**
 * A google.rpc.Status in plain values, as part of an answer, of which there may be a thousand. Our own encoder takes its bytes
 * as they are; others read its fields, and the details are made for them.
 */
export class PlainStatus extends SelfEncoded {
  readonly code: number;
  readonly message: string;
  readonly #status: WireStatus;

  constructor(status: WireStatus) {
    super();
    this.code = status.code;
    this.message = status.message;
    this.#status = status;
  }

  get details(): { readonly typeUrl: string; readonly value: Uint8Array<ArrayBuffer> }[] {
    return this.#status.details.map((detail) => ({
      typeUrl: typeUrl(detail.type),
      value: detailBytes(detail),
    }));
  }

  override binary(): string {
    return statusBinary(this.#status);
  }
}
