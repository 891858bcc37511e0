import { z } from "zod";
import { text } from "../body";

const oneOfThem = (name: string) => ({
  type: "object" as const,
  properties: { [name]: {} },
  required: [name],
});

/** The name goes by either word. */
export const login = z
  .object({ username: text().optional(), email: text().optional(), password: text() })
  .refine(({ username, email }) => username !== undefined || email !== undefined, { path: ["username"] })
  .meta({ anyOf: ["username", "email"].map(oneOfThem) });
export const code = z.object({ token: text() });
export const verification = z.object({ temp_token: text(), token: text() });
