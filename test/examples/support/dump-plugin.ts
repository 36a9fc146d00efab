import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// A plugin of buf and protoc that generates nothing: it puts the request that it gets into the folder of
// argv[2] and answers that it can do all that was asked.
writeFileSync(join(process.argv[2] ?? "", `${process.pid}.bin`), readFileSync(0));
// CodeGeneratorResponse.supported_features = FEATURE_PROTO3_OPTIONAL
process.stdout.write(Buffer.from([0x10, 0x01]));
