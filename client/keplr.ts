/** What Keplr and Leap take in `experimentalSuggestChain`. Source: keplr-wallet `packages/types/src/chain-info.ts`, v0.12. */

export interface KeplrCurrency {
  readonly coinDenom: string;
  readonly coinMinimalDenom: string;
  readonly coinDecimals: number;
}

export interface KeplrChainInfo {
  readonly chainId: string;
  readonly chainName: string;
  readonly rpc: string;
  readonly rest: string;
  readonly bip44: { readonly coinType: number };
  readonly bech32Config: {
    readonly bech32PrefixAccAddr: string;
    readonly bech32PrefixAccPub: string;
    readonly bech32PrefixValAddr: string;
    readonly bech32PrefixValPub: string;
    readonly bech32PrefixConsAddr: string;
    readonly bech32PrefixConsPub: string;
  };
  readonly currencies: readonly KeplrCurrency[];
  readonly feeCurrencies: readonly (KeplrCurrency & {
    readonly gasPriceStep: { readonly low: number; readonly average: number; readonly high: number };
  })[];
  readonly stakeCurrency: KeplrCurrency;
  readonly features: readonly string[];
}

export interface KeplrOptions {
  readonly chainId: string;
  /** At most 36 characters. The chain id unless told. */
  readonly chainName?: string;
  readonly prefix: string;
  readonly rpc: string;
  readonly rest: string;
  /** The token that pays fees and stakes. */
  readonly currency: KeplrCurrency;
  /** Smallest gas price that nodes take, in minimal units of the currency. */
  readonly gasPrice: number;
  readonly coinType?: number;
  /** Further currencies to show. */
  readonly currencies?: readonly KeplrCurrency[];
}

/** Throws a plain Error when Keplr would refuse the result. */
export function toKeplrChainInfo(options: KeplrOptions): KeplrChainInfo {
  const {
    chainId,
    chainName = chainId,
    prefix,
    rpc,
    rest,
    currency,
    gasPrice,
    coinType = 118,
    currencies = [],
  } = options;
  if (chainId.length === 0 || chainId.length > 50)
    throw new Error(`chain id has ${chainId.length} characters, want 1 to 50`);
  if (chainName.length > 36) throw new Error(`chain name has ${chainName.length} characters, want at most 36`);
  for (const { coinDecimals, coinMinimalDenom } of [currency, ...currencies]) {
    if (!Number.isInteger(coinDecimals) || coinDecimals < 0 || coinDecimals > 18) {
      throw new Error(`${coinMinimalDenom} has ${coinDecimals} decimals, want 0 to 18`);
    }
  }
  return {
    chainId,
    chainName,
    rpc,
    rest,
    bip44: { coinType },
    bech32Config: {
      bech32PrefixAccAddr: prefix,
      bech32PrefixAccPub: `${prefix}pub`,
      bech32PrefixValAddr: `${prefix}valoper`,
      bech32PrefixValPub: `${prefix}valoperpub`,
      bech32PrefixConsAddr: `${prefix}valcons`,
      bech32PrefixConsPub: `${prefix}valconspub`,
    },
    currencies: [currency, ...currencies],
    feeCurrencies: [{ ...currency, gasPriceStep: { low: gasPrice, average: gasPrice * 1.5, high: gasPrice * 3 } }],
    stakeCurrency: currency,
    features: [],
  };
}
