import type { Context } from "@/lib/core/context";
import type { Brought } from "@/lib/http/context";

/** The request that pages and actions take for theirs, where Next would tell them. */
export const edge: { headers: Headers; jar: ReadonlyMap<string, string>; ctx: Context | null } = {
  headers: new Headers(),
  jar: new Map(),
  ctx: null,
};

/** What stands for next/headers. */
export const nextHeaders = {
  headers: async () => edge.headers,
  cookies: async () => ({
    get: (name: string) => {
      const value = edge.jar.get(name);
      return value === undefined ? undefined : { name, value };
    },
  }),
};

/** What stands for lib/http/context: the clock and the database are the test's. */
export const httpContext = {
  requestContext: (_headers: Headers, brought: Partial<Brought> = {}): Context => {
    if (edge.ctx === null) throw new Error("nobody asks");
    return { ...edge.ctx, ...brought };
  },
};
