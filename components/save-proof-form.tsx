"use client";

import { useCallback, useEffect, useRef } from "react";
import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { ActionForm } from "./ui/action-form";
import { FormMessage } from "./ui/field-message";
import { RecoveryCodeField } from "./ui/recovery-code-field";
import { SubmitButton } from "./ui/submit-button";

/** One of the new codes typed back. Until then leaving the page asks whether one means it. */
export function SaveProofForm({ action, hidden }: { action: FormAction; hidden: Record<string, string> }) {
  const isProven = useRef(false);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (!isProven.current) event.preventDefault();
    };
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, []);
  const onLeave = useCallback(() => {
    isProven.current = true;
  }, []);
  return (
    <ActionForm
      action={action}
      hidden={hidden}
      sentences="saveProof"
      onLeave={onLeave}
      className="flex flex-col gap-4"
    >
      <RecoveryCodeField label={m.codes.proofLabel} hint={m.codes.proofHint} />
      <div>
        <FormMessage />
        <SubmitButton>{m.codes.submit}</SubmitButton>
      </div>
    </ActionForm>
  );
}
