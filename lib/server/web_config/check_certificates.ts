import { createPrivateKey, X509Certificate } from "node:crypto";

/**
 * What is wrong with a certificate and its key; `null` when they belong together. While both are being replaced, for
 * a moment they do not.
 */
export function certificateProblem(cert: string, key: string): string | null {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)) ? null : "the key is not the certificate's";
  } catch {
    // Errors of the parsers are of many classes, and their texts are about bytes.
    return "the certificate or its key is not PEM";
  }
}

/** What is wrong with the certificates of an authority; `null` when they can be read. */
export function authorityProblem(pem: string): string | null {
  try {
    new X509Certificate(pem);
    return null;
  } catch {
    return "the client CA is not PEM";
  }
}
