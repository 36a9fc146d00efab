import type { DescFile, DescService } from "@bufbuild/protobuf";
import { file_fleetgate_error_v1_reason } from "../gen/fleetgate/error/v1/reason_pb.ts";
import { file_google_rpc_error_details } from "../gen/google/rpc/error_details_pb.ts";
import { file_google_rpc_status } from "../gen/google/rpc/status_pb.ts";
import {
  ServerReflection,
  type ServerReflectionRequest,
} from "../gen/grpc/reflection/v1/reflection_pb.ts";
import {
  ServerReflection as ServerReflectionAlpha,
  type ServerReflectionRequest as ServerReflectionAlphaRequest,
} from "../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import type { PublicService } from "../rpc/deps.ts";
import { createDescriptorIndex, type DescriptorIndex } from "./descriptor-index.ts";

// Not imported by the services, but in the details of their errors.
const errorFiles: readonly DescFile[] = [
  file_fleetgate_error_v1_reason,
  file_google_rpc_error_details,
  file_google_rpc_status,
];

/** Makes server reflection, v1 and v1alpha, of the services and of itself. */
export function createReflection(services: readonly DescService[]): readonly PublicService[] {
  const all = [...services, ServerReflection, ServerReflectionAlpha];
  const names = all.map((service) => service.typeName).sort();
  const index = createDescriptorIndex([...all.map((service) => service.file), ...errorFiles]);
  return [
    {
      service: ServerReflection,
      register: (router) =>
        void router.service(ServerReflection, {
          async *serverReflectionInfo(requests: AsyncIterable<ServerReflectionRequest>) {
            for await (const request of requests) {
              const messageResponse = answer(index, names, request.messageRequest);
              yield { validHost: request.host, originalRequest: request, messageResponse };
            }
          },
        }),
    },
    {
      service: ServerReflectionAlpha,
      register: (router) =>
        void router.service(ServerReflectionAlpha, {
          async *serverReflectionInfo(requests: AsyncIterable<ServerReflectionAlphaRequest>) {
            for await (const request of requests) {
              const messageResponse = answer(index, names, request.messageRequest);
              yield { validHost: request.host, originalRequest: request, messageResponse };
            }
          },
        }),
    },
  ];
}

// The two versions have the same fields under different type names.
type Question =
  ServerReflectionRequest["messageRequest"] | ServerReflectionAlphaRequest["messageRequest"];

type Answer =
  | {
      readonly case: "fileDescriptorResponse";
      readonly value: { readonly fileDescriptorProto: Uint8Array[] };
    }
  | {
      readonly case: "allExtensionNumbersResponse";
      readonly value: { readonly baseTypeName: string; readonly extensionNumber: number[] };
    }
  | {
      readonly case: "listServicesResponse";
      readonly value: { readonly service: { readonly name: string }[] };
    }
  | {
      readonly case: "errorResponse";
      readonly value: { readonly errorCode: number; readonly errorMessage: string };
    };

function answer(index: DescriptorIndex, services: readonly string[], question: Question): Answer {
  switch (question.case) {
    case "listServices":
      return {
        case: "listServicesResponse",
        value: { service: services.map((name) => ({ name })) },
      };
    case "fileByFilename":
      return files(index.fileByName(question.value));
    case "fileContainingSymbol":
      return files(index.fileOfSymbol(question.value));
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = question.value;
      return files(index.fileOfExtension(containingType, extensionNumber));
    }
    case "allExtensionNumbersOfType": {
      const numbers = index.extensionNumbers(question.value);
      if (numbers === undefined) return failure(notFound, "there is no such message");
      return {
        case: "allExtensionNumbersResponse",
        value: { baseTypeName: question.value, extensionNumber: [...numbers] },
      };
    }
    default:
      return failure(invalidArgument, "the request asks for nothing");
  }
}

// Status codes of gRPC.
const invalidArgument = 3;
const notFound = 5;

function failure(errorCode: number, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}

function files(found: readonly Uint8Array[] | undefined): Answer {
  if (found === undefined) return failure(notFound, "there is no such descriptor");
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto: [...found] } };
}
