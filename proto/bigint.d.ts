/** Makes `BigInt(text)` a type error in `proto/` and `modules/`: untrusted text goes through `fromDigits` of wire.ts. */
interface BigIntConstructor {
  // biome-ignore lint/style/useShorthandFunctionType: an interface is added to that of the language, a type is not
  (text: string): { readonly "text is read by fromDigits": never };
}
