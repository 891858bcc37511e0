import { m } from "@/lib/web/messages";

/** Where one is in the set-up. */
export function SetupSteps({ current }: { current: 1 | 2 | 3 }) {
  return (
    <ol aria-label={m.wizard.stepsLabel} className="no-print mb-6 flex flex-wrap gap-x-6 gap-y-1">
      {m.wizard.steps.map((name, index) => {
        const step = index + 1;
        return (
          <li
            key={name}
            aria-current={step === current ? "step" : undefined}
            className={`flex items-center gap-2 ${step === current ? "font-semibold text-ink" : "text-quiet"}`}
          >
            <span
              className={`grid size-6 place-items-center rounded-full border text-sm ${
                step < current
                  ? "border-given-strong bg-given-strong text-given-on"
                  : step === current
                    ? "border-ink"
                    : "border-edge"
              }`}
            >
              {step}
            </span>
            {name}
          </li>
        );
      })}
    </ol>
  );
}
