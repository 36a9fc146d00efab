import {
  toBinary,
  type DescExtension,
  type DescFile,
  type DescMessage,
  type DescEnum,
  type DescService,
} from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** The descriptors that reflection answers from. Unknown names give undefined. */
export interface DescriptorIndex {
  /** The file of this path and all files that it needs, each as a FileDescriptorProto. */
  fileByName(path: string): readonly Uint8Array[] | undefined;
  /** The file that declares the symbol (a service, method, message, field, enum, ...), as above. */
  fileOfSymbol(symbol: string): readonly Uint8Array[] | undefined;
  /** The file that declares the extension, as above. */
  fileOfExtension(message: string, number: number): readonly Uint8Array[] | undefined;
  /** The numbers of the extensions of a message. */
  extensionNumbers(message: string): readonly number[] | undefined;
}

/** Indexes files and everything that they import. */
export function createDescriptorIndex(roots: Iterable<DescFile>): DescriptorIndex {
  const files = new Map<string, DescFile>();
  const symbols = new Map<string, DescFile>();
  const messages = new Map<string, DescMessage>();
  const extensions = new Map<string, DescExtension[]>();
  const bytes = new Map<DescFile, Uint8Array>();

  for (const file of withDependencies(roots)) {
    files.set(file.proto.name, file);
    for (const type of nestedTypes(file)) {
      for (const symbol of symbolsOf(type)) symbols.set(symbol, file);
      if (type.kind === "message") messages.set(type.typeName, type);
      if (type.kind === "extension") {
        const { typeName } = type.extendee;
        extensions.set(typeName, [...(extensions.get(typeName) ?? []), type]);
      }
    }
  }

  function toBytes(file: DescFile | undefined): readonly Uint8Array[] | undefined {
    if (file === undefined) return undefined;
    return withDependencies([file]).map((needed) => {
      const known = bytes.get(needed) ?? toBinary(FileDescriptorProtoSchema, needed.proto);
      bytes.set(needed, known);
      return known;
    });
  }

  return {
    fileByName: (path) => toBytes(files.get(path)),
    fileOfSymbol: (symbol) => toBytes(symbols.get(symbol)),
    fileOfExtension: (message, number) =>
      toBytes(extensions.get(message)?.find((extension) => extension.number === number)?.file),
    extensionNumbers: (message) =>
      messages.has(message)
        ? (extensions.get(message) ?? []).map((extension) => extension.number)
        : undefined,
  };
}

// The files themselves first, each file once.
function withDependencies(roots: Iterable<DescFile>): readonly DescFile[] {
  const found = new Set(roots);
  // A set that grows while it is walked is walked to its new end.
  for (const file of found) for (const dependency of file.dependencies) found.add(dependency);
  return [...found];
}

function symbolsOf(type: DescMessage | DescEnum | DescExtension | DescService): readonly string[] {
  const { typeName } = type;
  switch (type.kind) {
    case "message":
      return [typeName, ...type.members.map((member) => `${typeName}.${member.name}`)];
    case "enum": {
      // The values of an enum are names of the scope that the enum is in.
      const scope = typeName.slice(0, typeName.lastIndexOf(".") + 1);
      return [typeName, ...type.values.map((value) => `${scope}${value.name}`)];
    }
    case "service":
      return [typeName, ...type.methods.map((method) => `${typeName}.${method.name}`)];
    default:
      return [typeName];
  }
}
