/** What a mail says, in parts: one paragraph each, and a link on a line of its own. */
export type MailParts = {
  lang: string;
  paragraphs: string[];
  link: string;
  sender: string;
  /** A code that stands in the paragraphs, to be seen first; "" for none. */
  code: string;
  /** For programs, behind all the rest; "" for none. */
  last: string;
};

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}

function withCode(html: string, code: string): string {
  if (code === "") return html;
  return html.replace(code, `<strong style="font:600 28px/1.3 ui-monospace,monospace">${code}</strong>`);
}

/**
 * A mail's HTML, for the programs that show it: the same words as its text and nothing else. No picture, style sheet or
 * script is fetched, so that reading it tells nobody anything. Styles stand inline, as mail programs want them.
 */
export function mailHtml({ lang, paragraphs, link, sender, code, last }: MailParts): string {
  const address = escapeHtml(link);
  const shown = paragraphs
    .map((text) => `<p style="margin:0 0 16px">${withCode(escapeHtml(text), code)}</p>`)
    .join("\n");
  return `<!doctype html>
<html lang="${escapeHtml(lang)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(sender)}</title>
</head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:36rem;margin:0 auto">
${shown}
<p style="margin:0 0 24px"><a href="${address}" style="overflow-wrap:anywhere">${address}</a></p>
<p style="margin:0;border-top:1px solid;padding-top:12px">${escapeHtml(sender)}</p>${last && `\n<p style="margin:12px 0 0">${escapeHtml(last)}</p>`}
</div>
</body>
</html>
`;
}
