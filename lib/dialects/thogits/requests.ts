import { z } from "zod";
import { text } from "../body";

export const credentials = z.object({ email: text(), password: text() });
export const registration = credentials.extend({ display_name: text().nullish() });
export const code = z.object({ code: text() });
/** None is needed while a set-up was only started. */
export const optionalCode = z.object({ code: text().nullish() });
