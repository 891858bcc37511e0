"use client";

import { useState } from "react";
import { m } from "@/lib/web/messages";
import { TextField, type TextFieldProps } from "./text-field";
import { useHydrated } from "./use-hydrated";

/** A password, which one may look at while typing it (NIST SP 800-63B-4, section 3.1.1.2). */
export function PasswordField(props: TextFieldProps & { autoComplete: "current-password" | "new-password" }) {
  const [isShown, setShown] = useState(false);
  const isHydrated = useHydrated();
  const toggle = isHydrated && (
    <button
      type="button"
      aria-pressed={isShown}
      aria-label={isShown ? m.common.hidePassword : m.common.showPassword}
      onClick={() => setShown(!isShown)}
      className="absolute inset-y-0 end-0 rounded px-3 text-sm font-medium text-given hover:underline"
    >
      {isShown ? m.common.hide : m.common.show}
    </button>
  );
  return (
    <TextField
      {...props}
      type={isShown ? "text" : "password"}
      autoCapitalize="none"
      spellCheck={false}
      aside={toggle || <span hidden />}
    />
  );
}
