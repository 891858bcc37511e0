import type { Config } from "tailwindcss";

// The names that the pages' classes use. The values are tokens in app/globals.css, one set for each colour scheme.
export default {
  content: ["./app/**/*.{ts,tsx}", "./components/**/*.{ts,tsx}"],
  theme: {
    colors: {
      transparent: "transparent",
      current: "currentColor",
      white: "#fff",
      black: "#000",
      paper: "var(--paper)",
      sheet: "var(--sheet)",
      ink: "var(--ink)",
      quiet: "var(--quiet)",
      line: "var(--line)",
      edge: "var(--edge)",
      given: {
        DEFAULT: "var(--given)",
        strong: "var(--given-strong)",
        on: "var(--on-given)",
        soft: "var(--given-soft)",
      },
      owed: { DEFAULT: "var(--owed)", mark: "var(--owed-mark)", soft: "var(--owed-soft)" },
      danger: {
        DEFAULT: "var(--danger)",
        strong: "var(--danger-strong)",
        on: "var(--on-danger)",
        soft: "var(--danger-soft)",
      },
    },
    fontFamily: {
      sans: ["var(--font-words)", "ui-sans-serif", "system-ui", "sans-serif"],
      mono: ["var(--font-codes)", "ui-monospace", "monospace"],
    },
    fontSize: {
      sm: ["0.875rem", "1.375rem"],
      base: ["1rem", "1.5rem"],
      lg: ["1.125rem", "1.625rem"],
      xl: ["1.375rem", "1.75rem"],
      "2xl": ["1.75rem", "2.125rem"],
      code: ["2.5rem", "3rem"],
    },
    borderRadius: { none: "0", DEFAULT: "0.375rem", lg: "0.75rem", full: "9999px" },
    boxShadow: { none: "none" },
  },
} satisfies Config;
