/** One database per origin; which network its records belong to is written inside. */
export const DATABASE_NAME = "stegos";
