import { createHash } from "node:crypto";

const style = `:root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-content:center;
padding:2rem;box-sizing:border-box;font:1rem/1.5 system-ui,sans-serif;background:#f7f7f5;color:#1d2420}
main{max-width:26rem}h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}p{margin:0 0 1rem}
a{color:#0b6650;display:inline-block;padding:.5rem 0}
@media(prefers-color-scheme:dark){body{background:#141816;color:#e8ece9}a{color:#79d3b4}}`;
const hash = createHash("sha256").update(style).digest("base64");

/** The policy for these pages: their one style sheet and nothing else. */
export const plainPagePolicy = `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/**
 * A page that needs nothing but itself, for when Next cannot answer.
 * @param title and `text` in plain words, without markup of their own
 * @param retry whether a link offers to ask again
 */
export function plainPage(title: string, text: string, retry: boolean): string {
  const again = retry ? '<p><a href="">Try again</a></p>' : '<p><a href="/">Back to the start</a></p>';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>${style}</style></head>
<body><main><h1>${title}</h1><p>${text}</p>${again}</main></body></html>
`;
}

/**
 * What a page says that could not be made.
 * @param wasRefused whether what was sent was read and refused before, and the page was to say why
 */
export function failurePage(status: number, wasRefused: boolean): string {
  if (wasRefused && status < 500) {
    return plainPage(
      "What you sent was refused",
      "The page it came from is not the present one, so it cannot say why. Go back, load it anew, and try again.",
      false,
    );
  }
  if (status === 503) {
    return plainPage(
      "We can’t reach our database",
      "Nothing was changed. It usually passes in a moment.",
      true,
    );
  }
  if (status === 409) {
    return plainPage(
      "This service was updated in the meantime",
      "Nothing was changed. Go back, load the page anew, and send the form again.",
      false,
    );
  }
  if (status < 500) return plainPage("That form could not be read", "Nothing was changed.", false);
  return plainPage(
    "Something went wrong on our side",
    "Nothing was changed. Please try again in a moment.",
    true,
  );
}
