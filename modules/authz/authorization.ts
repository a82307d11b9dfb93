/** Kinds of authorisations. Source: Cosmos SDK 0.53.8 x/authz, x/bank/types, x/staking/types. */
import { GenericAuthorization } from "@interfirm/proto/gen/cosmos/authz/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { MessageType } from "@interfirm/proto/types";
import { decodeAny } from "../kernel/any.ts";
import type { QueryCtx } from "../kernel/context.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { sendAuthorization } from "./send.ts";
import { stakeAuthorization } from "./stake.ts";

/** What becomes of an authorisation by a message: it stays, it is used up, or it is another. */
export type Use<T> = "unchanged" | "spent" | { readonly left: T };

/** A kind of authorisation. */
export interface AuthorizationType<T> {
  readonly type: MessageType<T>;
  /** Type URL of the messages that it lets somebody send. Throws when the value names none. */
  messageType(value: T): string;
  /** Throws when the value breaks a rule of its kind. */
  check(value: T): void;
  /** Throws when it does not cover the message, which is of its message type. */
  use(ctx: QueryCtx, value: T, message: Any): Use<T>;
}

/** Any message of one type. */
const generic: AuthorizationType<GenericAuthorization> = {
  type: GenericAuthorization,
  messageType: ({ msg }) => msg,
  check({ msg }) {
    if (msg === "") throw sdkError.invalidType("msg is empty, want the type URL of a message");
  },
  use: () => "unchanged",
};

/** An authorisation, read. */
export interface Authorization {
  readonly messageType: string;
  use(ctx: QueryCtx, message: Any): Use<Any>;
}

function open<T>(kind: AuthorizationType<T>, any: Any): Authorization {
  const value = decodeAny(kind.type, any);
  kind.check(value);
  return {
    messageType: kind.messageType(value),
    use(ctx, message) {
      const use = kind.use(ctx, value, message);
      if (use === "unchanged" || use === "spent") return use;
      return { left: { typeUrl: kind.type.typeUrl, value: kind.type.encode(use.left).finish() } };
    },
  };
}

/** Throws `sdk/29` for nothing and for what is no authorisation, `sdk/34` for bytes that are none, and by the rules of its kind. */
export function readAuthorization(any: Any | undefined): Authorization {
  switch (any?.typeUrl) {
    case undefined:
      throw sdkError.invalidType("authorization is missing, want one");
    case generic.type.typeUrl:
      return open(generic, any as Any);
    case sendAuthorization.type.typeUrl:
      return open(sendAuthorization, any as Any);
    case stakeAuthorization.type.typeUrl:
      return open(stakeAuthorization, any as Any);
    default:
      throw sdkError.invalidType(
        `authorization has type ${any?.typeUrl.slice(0, 100)}, want one that this chain knows`,
      );
  }
}
