/** The certificates of a file, one by one. */
export const pemCertificates = (text: string): string[] =>
  [...text.matchAll(/-----BEGIN CERTIFICATE-----[\w+/=\s]+-----END CERTIFICATE-----/g)].map(([pem]) => `${pem}\n`);
