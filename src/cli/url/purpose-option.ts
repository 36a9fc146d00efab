import { Option } from "commander";
import {
  KeyPurposeSchema,
  type KeyPurpose,
} from "../../gen/fleetgate/credential/v1/key_service_pb.ts";
import { enumArgument, wordsOf } from "../enum-words.ts";

/** The options of a command that changes a key. */
export interface KeyOptions {
  readonly purpose: KeyPurpose;
  readonly force?: boolean;
}

/** `--purpose`. */
export function purposeOption(): Option {
  return new Option(
    "--purpose <purpose>",
    `what it is for: ${wordsOf(KeyPurposeSchema).join(", ")}`,
  )
    .argParser(enumArgument(KeyPurposeSchema))
    .makeOptionMandatory();
}
