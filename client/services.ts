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

type Own = `interfirm.${string}`;

type OwnKey<All extends string, Last extends string> = Last extends `${infer Module}.${string}`
  ? Extract<All, `cosmos.${Module}.${string}`> extends never
    ? Module
    : `interfirm${Capitalize<Module>}`
  : never;

type StandardKey<All extends string, Last extends string> = Last extends `${infer Module}.${infer Version}`
  ? Version extends "v1"
    ? Module
    : `${Module}.v1` extends LastTwo<Exclude<All, Own>>
      ? `${Module}${Capitalize<Version>}`
      : Module
  : never;

type KeyIn<All extends string, P extends string> = P extends Own
  ? OwnKey<All, LastTwo<P>>
  : StandardKey<All, LastTwo<P>>;

/**
 * The name of a service's module: `bank` for `cosmos.bank.v1beta1.Query`. Where a standard module is served in `v1` and in other
 * versions too, `v1` has the plain name and the others carry theirs: `gov` and `govV1beta1`. What we add to a standard
 * module stands beside it: `staking` and `interfirmStaking`.
 */
export type ModuleKey<S extends ServiceType, All extends ServiceType> = KeyIn<PackageOf<All>, PackageOf<S>>;

const kindOf = (service: ServiceType): string => service.typeName.slice(service.typeName.lastIndexOf(".") + 1);
const packageOf = (service: ServiceType): readonly string[] => service.typeName.split(".").slice(0, -1);

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

function moduleKeys(services: readonly ServiceType[]): ReadonlyMap<ServiceType, string> {
  const standard = services.map(packageOf).filter(([root]) => root !== "interfirm");
  const keyOf = (path: readonly string[]): string => {
    const [module = "", version = ""] = path.slice(-2);
    if (path[0] === "interfirm") {
      return standard.some(([root, name]) => root === "cosmos" && name === module)
        ? `interfirm${capitalized(module)}`
        : module;
    }
    const hasV1 = standard.some((other) => other.slice(-2).join(".") === `${module}.v1`);
    return version === "v1" || !hasV1 ? module : module + capitalized(version);
  };
  return new Map(services.map((service) => [service, keyOf(packageOf(service))]));
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
