/** Builds that the info of a plan names, in the form that cosmovisor downloads from. Source: x/upgrade v0.2.0 plan/info.go. */

export interface Binary {
  /** `linux/amd64`, or `any`. */
  readonly platform: string;
  readonly url: string;
}

const PLATFORM = /^(?:any|[a-z0-9]+\/[a-z0-9]+)$/;
/** Lengths of checksums in hexadecimal digits, by what makes them. */
const CHECKSUMS: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/** Throws an Error that says what is wrong: cosmovisor would refuse it, or download what nobody can check. */
export function checkBinaries(info: string, { checksums = true } = {}): readonly Binary[] {
  const found = Object.entries(parse(info));
  if (found.length === 0) throw new Error("info names no binaries, want at least one");
  return found.map(([platform, url]) => {
    if (!PLATFORM.test(platform)) throw new Error(`platform is ${platform}, want one such as linux/amd64, or any`);
    if (typeof url !== "string" || !URL.canParse(url)) throw new Error(`binary of ${platform} has no address`);
    if (checksums) checkChecksum(platform, new URL(url).searchParams.get("checksum"));
    return { platform, url };
  });
}

function parse(info: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(info);
  } catch {
    throw new Error('info is not JSON, want {"binaries": {"linux/amd64": "https://…?checksum=sha256:…"}}');
  }
  const binaries = isObject(value) ? value["binaries"] : undefined;
  if (!isObject(binaries)) throw new Error("info has no binaries, want an object of addresses by platform");
  return binaries;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function checkChecksum(platform: string, checksum: string | null): void {
  const [kind = "", digits = ""] = (checksum ?? "").split(":");
  const length = CHECKSUMS[kind];
  if (length === undefined || digits.length !== length || !/^[0-9a-fA-F]+$/.test(digits)) {
    throw new Error(`binary of ${platform} has checksum ${checksum ?? "none"}, want ?checksum=sha256: and 64 digits`);
  }
}
