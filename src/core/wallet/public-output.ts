/** Consensus needs PU-1 below the wallet, so it lives in `core/crypto`; wallets find it here. */
export {
  awardAnchor,
  checkPublicOutput,
  derivePublicOutput,
  genesisAnchor,
  payoutAnchor,
  type PublicOutputFields,
  type PublicOutputKeys,
} from "../crypto/public-output.ts";
