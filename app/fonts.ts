import localFont from "next/font/local";

// From npm, served by ourselves. Variable and latin only: one small file each.
export const words = localFont({
  src: "../node_modules/@fontsource-variable/instrument-sans/files/instrument-sans-latin-wght-normal.woff2",
  variable: "--font-words",
  weight: "400 700",
  display: "swap",
});

// Not preloaded, as most pages show no code; the code field asks for it before anything is typed.
export const codes = localFont({
  src: "../node_modules/@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
  variable: "--font-codes",
  weight: "100 800",
  display: "swap",
  preload: false,
  adjustFontFallback: false,
  fallback: ["ui-monospace", "monospace"],
});
