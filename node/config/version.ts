/** Version of `@interfirm/node`; a test holds it against package.json. */
export const VERSION = "0.1.0";

/** The version of the Cosmos SDK whose wire formats, names and codes we keep. */
export const COSMOS_SDK_VERSION = "v0.53.8";
