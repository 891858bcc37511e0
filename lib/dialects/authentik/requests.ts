import { z } from "zod";

const NAME_LENGTH = 64;

/** A device's name: trimmed, 1 to 64 characters. What is said of one that is not right is Django REST framework's own. */
const name = z
  .string()
  .regex(/^[^\0\p{Cs}]*$/u, "Not a valid string.")
  .trim()
  .refine((text) => text !== "", "This field may not be blank.")
  .refine(
    (text) => [...text].length <= NAME_LENGTH,
    `Ensure this field has no more than ${NAME_LENGTH} characters.`,
  )
  .meta({ minLength: 1, maxLength: NAME_LENGTH });

/** `user` is ours: whose device it is to be, where it is not the token's own user. */
export const newDevice = z.object({
  name,
  user: z
    .int()
    .optional()
    .describe("The number of the user whom it is for, as the console shows it; left out, yourself"),
});
export const device = z.object({ name });
export const changedDevice = z.object({ name: name.optional() });

/** What lists take behind the question mark. */
export const LIST = {
  name: "The whole name",
  search: "Part of a name, or of the owner's name or address",
  ordering:
    "By name, pk or user, several with commas between them, each with - before it for the other way round",
  page: "Which page, from 1",
  page_size: "How many on a page, at most 100",
} as const;
