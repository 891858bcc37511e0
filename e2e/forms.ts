import { type APIRequestContext, type APIResponse, expect } from "@playwright/test";

/** A form as a page without script holds it: where it goes and what it says by itself. */
export type Form = { path: string; fields: Record<string, string>; inputs: string[] };

/**
 * The forms of a page as the server sends it, in their order. Their hidden fields name the server action, so that a form
 * can be posted by any client.
 */
export async function readForms(request: APIRequestContext, path: string): Promise<Form[]> {
  const answer = await request.get(path);
  expect(answer.status()).toBeLessThan(400);
  return formsIn(await answer.text(), new URL(answer.url()).pathname + new URL(answer.url()).search);
}

/** Forms that ask for a page by its address are none: they send nothing that is stored. */
export function formsIn(html: string, path: string): Form[] {
  return [...html.matchAll(/<form(?![^>]*method="get")[^>]*>(.*?)<\/form>/gis)].map(([, body = ""]) => {
    const inputs = [...body.matchAll(/<input[^>]*>/g)].map(([tag]) => ({
      name: attribute(tag, "name"),
      value: attribute(tag, "value"),
      isHidden: attribute(tag, "type") === "hidden",
    }));
    return {
      path,
      fields: Object.fromEntries(inputs.filter((i) => i.isHidden).map(({ name, value }) => [name, value])),
      inputs: inputs.filter((i) => !i.isHidden && i.name !== "username").map(({ name }) => name),
    };
  });
}

function attribute(tag: string, name: string): string {
  const value = tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1] ?? "";
  return value
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** What a form's part can be when nobody uses a browser to make it. */
export type Part = string | Buffer | { filename: string; content: string };

/** Posts a form as a browser without script would, but with any parts. Redirects are not followed. */
export function postForm(
  request: APIRequestContext,
  form: Form,
  parts: [string, Part][],
  headers: Record<string, string> = {},
): Promise<APIResponse> {
  const boundary = "----countersignFormBoundary7d1";
  const chunks = [...Object.entries(form.fields), ...parts].flatMap(([name, part]) => {
    const isFile = typeof part === "object" && "filename" in part;
    const file = isFile ? `; filename="${part.filename}"\r\nContent-Type: text/plain` : "";
    const content = isFile ? part.content : part;
    return [
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`),
      Buffer.from(content),
      Buffer.from("\r\n"),
    ];
  });
  return request.fetch(form.path, {
    method: "POST",
    maxRedirects: 0,
    headers: { "Content-Type": `multipart/form-data; boundary=${boundary}`, ...headers },
    data: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  });
}
