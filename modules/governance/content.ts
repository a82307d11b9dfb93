import { MsgExecLegacyContent } from "@interfirm/proto/gen/cosmos/gov/v1";
import { TextProposal } from "@interfirm/proto/gen/cosmos/gov/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { WireError } from "@interfirm/proto/runtime";
import type { Address } from "../kernel/address.ts";
import { toUtf8 } from "../kernel/bytes.ts";
import { fail } from "./errors.ts";

/** Source: Cosmos SDK 0.53 x/gov/types/v1beta1/proposal.go. In bytes. */
const TITLE_MAX = 140;
const DESCRIPTION_MAX = 10_000;

/**
 * The text that the content of a v1beta1 proposal is. Throws `gov/5` for bytes that are none, `gov/9` for content of other
 * kinds, which the SDK no longer handles either.
 */
export function readContent(content: Any | undefined): TextProposal {
  if (!content) throw fail.invalidContent("missing content");
  if (content.typeUrl !== TextProposal.typeUrl) throw fail.noHandler(content.typeUrl);
  try {
    return TextProposal.decode(content.value);
  } catch (error) {
    if (error instanceof WireError) throw fail.invalidContent(error.message);
    throw error;
  }
}

/** Throws `gov/5` for a blank or overlong title or description. */
export function checkContent({ title, description }: TextProposal): void {
  const long = (what: string, most: number) =>
    fail.invalidContent(`proposal ${what} is longer than max length of ${most}`);
  if (title.trim() === "") throw fail.invalidContent("proposal title cannot be blank");
  if (toUtf8(title).length > TITLE_MAX) throw long("title", TITLE_MAX);
  if (description === "") throw fail.invalidContent("proposal description cannot be blank");
  if (toUtf8(description).length > DESCRIPTION_MAX) throw long("description", DESCRIPTION_MAX);
}

/** The message that content becomes in a proposal. */
export const contentMessage = (content: Any, authority: Address): Any => ({
  typeUrl: MsgExecLegacyContent.typeUrl,
  value: MsgExecLegacyContent.encode({ content, authority }).finish(),
});

/** The content of a message, when it has one. */
export const contentOf = ({ typeUrl, value }: Any): Any | undefined =>
  typeUrl === MsgExecLegacyContent.typeUrl ? MsgExecLegacyContent.decode(value).content : undefined;
