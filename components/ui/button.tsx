import type { ComponentProps, ReactNode } from "react";
import { type ButtonTone, buttonLook } from "./button-look";

type Look = { tone?: ButtonTone; isWide?: boolean; children: ReactNode };

/** A button that does something on the page. Forms are sent with SubmitButton. */
export function Button({ tone = "plain", isWide, children, ...rest }: Look & ComponentProps<"button">) {
  return (
    <button type="button" {...rest} className={buttonLook(tone, isWide)}>
      {children}
    </button>
  );
}

/** A link in a button's clothes. */
export function ButtonLink({ tone = "plain", isWide, children, ...rest }: Look & ComponentProps<"a">) {
  return (
    <a {...rest} className={buttonLook(tone, isWide)}>
      {children}
    </a>
  );
}
