import type { ComponentProps } from "react";
import { m } from "@/lib/web/messages";
import { TextField } from "./text-field";

type Props = { label?: string } & Pick<
  ComponentProps<"input">,
  "autoComplete" | "autoFocus" | "defaultValue"
>;

/** An e-mail address. */
export function EmailField({ label = m.common.email, autoComplete = "username", ...rest }: Props) {
  return (
    <TextField
      name="email"
      type="email"
      label={label}
      autoComplete={autoComplete}
      maxLength={254}
      autoCapitalize="none"
      spellCheck={false}
      {...rest}
    />
  );
}
