/** The account that owns configuration and runs services that need no root: no login, the same number on every host and in the lab's images. */
export const serviceAccount = { name: "tandem-service", id: 900 } as const;
