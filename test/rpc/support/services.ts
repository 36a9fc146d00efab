import { glob } from "node:fs/promises";
import type { DescMethod, DescMethodUnary, DescService } from "@bufbuild/protobuf";

const generated = new URL("../../../src/gen/fleetgate/", import.meta.url);

/** Every service of ours that there is a generated description of, served or not. */
export async function allServices(): Promise<readonly DescService[]> {
  const services: DescService[] = [];
  for await (const path of glob("**/*_pb.ts", { cwd: generated })) {
    const module = (await import(new URL(path, generated).href)) as Record<string, unknown>;
    for (const value of Object.values(module)) {
      if (isService(value)) services.push(value);
    }
  }
  return services.sort((a, b) => (a.typeName < b.typeName ? -1 : 1));
}

/** The methods of a service that take one message and answer with one. */
export function unaryMethods(service: DescService): readonly DescMethodUnary[] {
  return service.methods.filter(
    (method): method is DescMethodUnary => method.methodKind === "unary",
  );
}

/** `package.Service/Method`. */
export function nameOf(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}

function isService(value: unknown): value is DescService {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "service";
}
