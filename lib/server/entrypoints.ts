import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { z } from "zod";
import { addressOf, answerBy, answerFormBy, type Direct, type Handle } from "./api";

// Next's own server asks for each request which of its features may concern it: redirects, rewrites, files, the gate, the
// kind of page. An API's address and a form's page need none of them, and that costs more than answering. So these are
// handed straight to what `next build` made of their route, as Next's documentation has it for hosts that bring their own
// server ("Invoking entrypoints"; docs/decisions/0009-straight-to-the-route.md).

/** Where a request goes straight to, or null: Next's own server answers it. */
export type FindEntrypoint = (method: string, path: string) => Handle | null;

type Handler = (...args: [...Parameters<Handle>, context: object]) => Promise<void>;

/** What is not spelled plainly is left to Next, which knows what it means, and so are Next's own pages: `/_not-found`. */
const PLAIN = /^(?:\/[A-Za-z0-9][\w.-]*)+$/;

const stringRecord = z.record(z.string(), z.string());
const dynamicRoutes = z.object({ dynamicRoutes: z.array(z.object({ page: z.string(), regex: z.string() })) });

/**
 * Reads which routes were built. Next's server must have been prepared in this process, as a route takes Next's
 * configuration from it.
 * @param root the project's folder, with `.next` in it
 * @param direct what needs nothing of Next to be answered, not even its handling of a route
 */
export function readEntrypoints(root: string, direct: Pick<Direct, "apis" | "forms">): FindEntrypoint {
  const load = createRequire(join(root, "package.json"));
  const files = stringRecord.parse(load("./.next/server/app-paths-manifest.json"));
  const routes = stringRecord.parse(load("./.next/app-path-routes-manifest.json"));
  const { dynamicRoutes: dynamic } = dynamicRoutes.parse(load("./.next/routes-manifest.json"));
  const built = new Map(
    Object.entries(files).map(([name, file]) => [routes[name], `./.next/server/${file}`] as const),
  );
  const pages = new Set(
    Object.entries(routes)
      .filter(([name]) => name.endsWith("/page"))
      .map(([, route]) => route),
  );
  // In the order in which Next tries them: the most particular first.
  const patterns = dynamic
    .filter(({ page }) => page.startsWith("/api/"))
    .map(({ page, regex }) => ({ page, regex: new RegExp(regex) }));
  const known = new Map<string, Handle>();
  const entrypointOf = (route: string): Handle | null => {
    const found = known.get(route);
    if (found) return found;
    const file = built.get(route);
    if (file === undefined) return null;
    const entrypoint = invoke(root, load(file).handler);
    known.set(route, entrypoint);
    return entrypoint;
  };
  const formOf = (page: string): Handle | null => {
    const route = entrypointOf(page);
    const form = direct.forms.get(page);
    return route && form ? answerFormBy(form, route) : route;
  };
  const read = new Map([...direct.apis].map(([path, api]) => [path, answerBy(api)] as const));
  return (method, path) => {
    if (!PLAIN.test(path)) return null;
    if (!path.startsWith("/api/")) return method === "POST" && pages.has(path) ? formOf(path) : null;
    const reader = method === "GET" ? read.get(path) : undefined;
    if (reader) return reader;
    return entrypointOf(
      built.has(path) ? path : (patterns.find(({ regex }) => regex.test(path))?.page ?? ""),
    );
  };
}

function invoke(root: string, handler: Handler): Handle {
  const relativeProjectDir = relative(process.cwd(), root);
  return (request, answer) =>
    handler(request, answer, { requestMeta: { relativeProjectDir, initURL: addressOf(request) } });
}
