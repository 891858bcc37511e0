import { type DescFile, type DescMessage, type DescService, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectRouter } from "@connectrpc/connect";
import {
  type ServerReflectionRequest,
  ServerReflection as Version1,
} from "./protocol/grpc/reflection/v1/reflection_pb";
import { ServerReflection as Alpha } from "./protocol/grpc/reflection/v1alpha/reflection_pb";

/** Both versions say the same: clients that are not new ask the first. */
export const REFLECTION_SERVICES: readonly DescService[] = [Version1, Alpha];

type Asked = ServerReflectionRequest["messageRequest"];
type Known = { services: string[]; files: Map<string, DescFile>; symbols: Map<string, DescFile> };

/** Adds gRPC's server reflection of services: what they are called, and the descriptors of their files. */
export function addReflection(router: ConnectRouter, services: readonly DescService[]): void {
  const known = knownOf(services);
  router.service(Version1, {
    async *serverReflectionInfo(requests) {
      for await (const request of requests)
        yield {
          validHost: request.host,
          originalRequest: request,
          messageResponse: reply(known, request.messageRequest),
        };
    },
  });
  router.service(Alpha, {
    async *serverReflectionInfo(requests) {
      for await (const { host, messageRequest } of requests) {
        // The two versions' messages have the same fields, but TypeScript holds their extension requests apart.
        const asked = messageRequest as Asked;
        yield {
          validHost: host,
          originalRequest: { host, messageRequest },
          messageResponse: reply(known, asked),
        };
      }
    },
  });
}

function knownOf(services: readonly DescService[]): Known {
  const files = new Map<string, DescFile>();
  for (const { file } of services) for (const each of withImports(file)) files.set(nameOf(each), each);
  const symbols = new Map<string, DescFile>();
  for (const file of files.values()) {
    const messages = file.messages.flatMap(withNested);
    const enums = [...file.enums, ...messages.flatMap(({ nestedEnums }) => nestedEnums)];
    const methods = file.services.flatMap((service) =>
      service.methods.map(({ name }) => `${service.typeName}.${name}`),
    );
    const types = [...messages, ...enums, ...file.services].map(({ typeName }) => typeName);
    for (const name of [...types, ...methods]) symbols.set(name, file);
  }
  return { services: services.map(({ typeName }) => typeName).sort(), files, symbols };
}

/** As protoc calls it: the descriptor leaves the ending away. */
const nameOf = ({ name }: DescFile) => `${name}.proto`;

function withNested(message: DescMessage): DescMessage[] {
  return [message, ...message.nestedMessages.flatMap(withNested)];
}

/** A file and all that it needs, each once. */
function withImports(file: DescFile): DescFile[] {
  return [...new Set([file, ...file.dependencies.flatMap(withImports)])];
}

function reply({ services, files, symbols }: Known, asked: Asked) {
  switch (asked.case) {
    case "listServices":
      return {
        case: "listServicesResponse" as const,
        value: { service: services.map((name) => ({ name })) },
      };
    case "fileByFilename":
      return described(files.get(asked.value));
    case "fileContainingSymbol":
      return described(symbols.get(asked.value));
    case "fileContainingExtension":
      return error(Code.NotFound, "there are no extensions");
    case "allExtensionNumbersOfType":
      return symbols.has(asked.value)
        ? { case: "allExtensionNumbersResponse" as const, value: { baseTypeName: asked.value } }
        : error(Code.NotFound, "unknown type");
    case undefined:
      return error(Code.InvalidArgument, "nothing is asked for");
  }
}

const encoded = new WeakMap<DescFile, Uint8Array[]>();

function described(file: DescFile | undefined) {
  if (file === undefined) return error(Code.NotFound, "unknown file or symbol");
  const fileDescriptorProto =
    encoded.get(file) ?? withImports(file).map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  encoded.set(file, fileDescriptorProto);
  return { case: "fileDescriptorResponse" as const, value: { fileDescriptorProto } };
}

function error(errorCode: Code, errorMessage: string) {
  return { case: "errorResponse" as const, value: { errorCode, errorMessage } };
}
