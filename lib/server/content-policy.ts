/**
 * The content policy of a page: our own files, and scripts that carry this request's nonce. Nothing inline without it,
 * no plug-in, no frame in either direction, no form to elsewhere.
 * @param isDevelopment Next's development client evaluates code, writes style elements and holds a socket open
 */
export function contentPolicy(nonce: string, options: { isHttps: boolean; isDevelopment: boolean }): string {
  const { isHttps, isDevelopment } = options;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ""}`,
    `style-src 'self' ${isDevelopment ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${isDevelopment ? " ws:" : ""}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  if (isHttps) policy.push("upgrade-insecure-requests");
  return policy.join("; ");
}
