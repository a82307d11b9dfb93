import protobuf from "protobufjs";
import { symbolOf } from "./field.ts";
import type { Package } from "./schema.ts";

/** What one generated file imports, gathered while it is written. */
export class Imports {
  readonly #home: Package;
  readonly #packages: ReadonlyMap<string, Package>;
  /** Names that the file declares itself. */
  readonly #own: ReadonlySet<string>;
  readonly #runtime = new Set<string>();
  readonly #types = new Set<string>();
  readonly #typeOnly = new Set<string>();
  /** Local name by symbol, by file. */
  readonly #foreign = new Map<string, Map<string, string>>();

  constructor(home: Package, packages: ReadonlyMap<string, Package>) {
    this.#home = home;
    this.#packages = packages;
    this.#own = new Set([...home.messages, ...home.enums, ...home.services].map(symbolOf));
  }

  runtime(name: string): string {
    this.#runtime.add(name);
    return name;
  }

  type(name: string): string {
    this.#types.add(name);
    return name;
  }

  /** The name by which the file knows a message or an enum: both its type and its descriptor. */
  symbol(type: protobuf.Type | protobuf.Enum): string {
    const home = this.#packageOf(type);
    const name = symbolOf(type);
    if (home === this.#home) return name;
    // Of an enum's name only the type is used: the values are in its descriptor.
    return this.#import(home, name, type instanceof protobuf.Enum);
  }

  /** The descriptor of an enum, which is not the value that bears its name. */
  enumType(type: protobuf.Enum): string {
    const home = this.#packageOf(type);
    const name = `${symbolOf(type)}$Type`;
    return home === this.#home ? name : this.#import(home, name);
  }

  #packageOf(type: protobuf.ReflectionObject): Package {
    let parent = type.parent;
    while (parent instanceof protobuf.Type) parent = parent.parent;
    const home = this.#packages.get((parent?.fullName ?? "").slice(1));
    if (home === undefined) throw new Error(`${type.fullName} is in no known package`);
    return home;
  }

  #import(from: Package, name: string, typeOnly = false): string {
    let names = this.#foreign.get(from.path);
    if (names === undefined) {
      names = new Map();
      this.#foreign.set(from.path, names);
    }
    let local = names.get(name);
    if (local === undefined) {
      local = this.#own.has(name) || this.#isTaken(name) ? `${from.name.replaceAll(".", "_")}_${name}` : name;
      names.set(name, local);
      if (typeOnly) this.#typeOnly.add(local);
    }
    return local;
  }

  #isTaken(name: string): boolean {
    for (const names of this.#foreign.values()) {
      for (const local of names.values()) if (local === name) return true;
    }
    return false;
  }

  /** The import lines. Biome sorts them. */
  emit(): string {
    const up = "../".repeat(this.#home.path.split("/").length);
    const lines: string[] = [];
    if (this.#runtime.size > 0) lines.push(`import { ${[...this.#runtime].join(", ")} } from "${up}runtime.ts";`);
    if (this.#types.size > 0) lines.push(`import type { ${[...this.#types].join(", ")} } from "${up}types.ts";`);
    for (const [path, names] of this.#foreign) {
      const list = [...names].map(([name, local]) => {
        const clause = name === local ? name : `${name} as ${local}`;
        return this.#typeOnly.has(local) ? `type ${clause}` : clause;
      });
      lines.push(`import { ${list.join(", ")} } from "${this.#relative(path)}";`);
    }
    return lines.join("\n");
  }

  #relative(path: string): string {
    const from = this.#home.path.split("/").slice(0, -1);
    const to = path.split("/");
    let shared = 0;
    while (shared < from.length && shared < to.length - 1 && from[shared] === to[shared]) shared++;
    const up = "../".repeat(from.length - shared);
    return `${up === "" ? "./" : up}${to.slice(shared).join("/")}.ts`;
  }
}
