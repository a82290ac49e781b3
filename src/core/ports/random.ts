/** Chance comes in from outside (rule 2 of the house): the platform's generator, or a seeded one in simulations. */
export interface Random {
  /** `size` fresh uniform bytes. */
  bytes(size: number): Uint8Array;
}
