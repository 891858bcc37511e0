import { z } from "zod";
import { text } from "../body";

export const login = z.object({ username: text().optional(), email: text().optional(), password: text() });
export const code = z.object({ token: text() });
export const verification = z.object({ temp_token: text(), token: text() });
