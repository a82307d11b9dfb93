/**
 * What the chain serves, by module, taken from the generated descriptors: nothing here is listed by hand, so a module
 * whose proto files are there appears by itself, with its types.
 */
import { allServices } from "@interfirm/proto/gen/index";
import type { Method, ServiceType } from "@interfirm/proto/types";

export type Input<M> = M extends Method<infer I, infer _> ? I : never;
export type Output<M> = M extends Method<infer _, infer O> ? O : never;

type AnyService = (typeof allServices)[number];
type Named<Kind extends string> = Extract<AnyService, { readonly typeName: `${string}.${Kind}` }>;

/** Services of transactions. */
export type MsgService = Named<"Msg">;
/** Services that are asked: `Query` of modules, `Service` of the node itself. */
export type QueryService = Named<"Query"> | Named<"Service">;

type PackageOf<S extends ServiceType> = S["typeName"] extends `${infer P}.${"Msg" | "Query" | "Service"}` ? P : never;
/** `cosmos.base.node.v1beta1` → `node.v1beta1` */
type LastTwo<P extends string> = P extends `${infer _}.${infer Rest}`
  ? Rest extends `${string}.${string}`
    ? LastTwo<Rest>
    : P
  : never;

type KeyIn<All extends ServiceType, Last extends string> = Last extends `${infer Module}.${infer Version}`
  ? Version extends "v1"
    ? Module
    : `${Module}.v1` extends LastTwo<PackageOf<All>>
      ? `${Module}${Capitalize<Version>}`
      : Module
  : never;

/**
 * The name of a service's module: `bank` for `cosmos.bank.v1beta1.Query`. Where a module is served in `v1` and in other
 * versions too, `v1` has the plain name and the others carry theirs: `gov` and `govV1beta1`.
 */
export type ModuleKey<S extends ServiceType, All extends ServiceType> = KeyIn<All, LastTwo<PackageOf<S>>>;

const kindOf = (service: ServiceType): string => service.typeName.slice(service.typeName.lastIndexOf(".") + 1);
const packageOf = (service: ServiceType): readonly string[] => service.typeName.split(".").slice(0, -1);

function moduleKeys(services: readonly ServiceType[]): ReadonlyMap<ServiceType, string> {
  const last = (service: ServiceType) => packageOf(service).slice(-2).join(".");
  const present = new Set(services.map(last));
  return new Map(
    services.map((service) => {
      const [module = "", version = ""] = packageOf(service).slice(-2);
      const plain = version === "v1" || !present.has(`${module}.v1`);
      return [service, plain ? module : module + version.slice(0, 1).toUpperCase() + version.slice(1)];
    }),
  );
}

const servicesOf = (...kinds: readonly string[]): readonly ServiceType[] =>
  (allServices as readonly ServiceType[]).filter((service) => kinds.includes(kindOf(service)));

/** Every message service with its module's name. */
export const msgServices: ReadonlyMap<ServiceType, string> = moduleKeys(servicesOf("Msg"));
/** Every service that is asked, with its module's name. */
export const queryServices: ReadonlyMap<ServiceType, string> = moduleKeys(servicesOf("Query", "Service"));

/** One object a module, one function a method: the shape of `client.query`, `client.msgs` and the client itself. */
export function byModule<F>(
  services: ReadonlyMap<ServiceType, string>,
  // biome-ignore lint/suspicious/noExplicitAny: methods differ in their types
  bind: (service: ServiceType, method: Method<any, any>) => F,
): Readonly<Record<string, Readonly<Record<string, F>>>> {
  const modules: Record<string, Record<string, F>> = {};
  for (const [service, key] of services) {
    const methods = Object.hasOwn(modules, key) ? modules[key]! : {};
    modules[key] = methods;
    for (const [name, method] of Object.entries(service.methods)) {
      if (Object.hasOwn(methods, name)) throw new Error(`${key}.${name} is served twice, as ${service.typeName} too`);
      methods[name] = bind(service, method);
    }
  }
  return modules;
}
