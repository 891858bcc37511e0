import { resolve } from "node:path";
import ipaddr from "ipaddr.js";
import { z } from "zod";

/** A network of trusted proxies: an address and how many of its leading bits count. */
export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Everything an operator can set, checked. Documented in README.md. */
export type Env = {
  publicUrl: URL;
  port: number;
  /** The address that `port` and `grpcPort` are listened to at; null: every one that the machine has. */
  listenAddress: string | null;
  /** Where native gRPC is served; null: nowhere. */
  grpcPort: number | null;
  /** Where figures for Prometheus are served; null: nowhere. */
  metricsPort: number | null;
  /** The address that `metricsPort` is listened to at. */
  metricsAddress: string;
  /** Absolute path. */
  dataDir: string;
  /** null: the embedded database in `dataDir`. */
  databaseUrl: string | null;
  issuer: string;
  /** null: mails are written to `dataDir`/outbox. */
  smtpUrl: string | null;
  mailFrom: string;
  trustedProxies: Network[];
  rateLimitAddress: boolean;
  sessionIdleMinutes: number;
  sessionMaxHours: number;
  signUp: "open" | "closed";
  /** Whether sign-in offers to mail a code. */
  emailCodes: boolean;
  /** The key file's content, for hosts without a disk; null: read `dataDir`/keys.json. */
  keys: string | null;
  /** Who knows it may ask for what a server does by itself, for hosts where none runs; null: nobody. */
  cronSecret: string | null;
};

/** A setting that cannot be used; the message is one line for the operator. */
export class EnvError extends Error {
  override readonly name = "EnvError";
}

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be between ${min} and ${max}`);

const url = (protocols: string[]) =>
  z.string().superRefine((value, context) => {
    const parsed = URL.canParse(value) ? new URL(value) : null;
    if (!parsed || !protocols.includes(parsed.protocol)) {
      context.addIssue(`must be an address that starts with ${protocols.map((p) => `${p}//`).join(" or ")}`);
    }
  });

const ipAddress = z.union([z.ipv4(), z.ipv6()], "must be an IP address, such as 127.0.0.1");

const mailbox = /^(?:[^<>\r\n]{1,100}<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/;

const settings = z.object({
  PORT: wholeNumber(1, 65535).default(3000),
  LISTEN_ADDRESS: ipAddress.optional(),
  GRPC_PORT: wholeNumber(1, 65535).optional(),
  METRICS_PORT: wholeNumber(1, 65535).optional(),
  // The figures are for whoever reaches them, so nobody else's machine does unless that is asked for.
  METRICS_ADDRESS: ipAddress.default("127.0.0.1"),
  PUBLIC_URL: url(["http:", "https:"]).optional(),
  DATA_DIR: z.string().default("data"),
  DATABASE_URL: url(["postgresql:", "postgres:"]).optional(),
  // A colon would end the issuer in an otpauth label.
  ISSUER: z
    .string()
    .max(64, "must have at most 64 characters")
    .regex(/^[^:\p{Cc}]+$/u, "must not contain a colon or control characters")
    .default("Countersign"),
  SMTP_URL: url(["smtp:", "smtps:"]).optional(),
  MAIL_FROM: z.string().regex(mailbox, "must be an e-mail address, or a name and <address>").optional(),
  TRUSTED_PROXIES: z.string().default(""),
  RATE_LIMIT_ADDRESS: z.enum(["on", "off"], "must be on or off").default("on"),
  SESSION_IDLE_MINUTES: wholeNumber(1, 10080).default(60),
  SESSION_MAX_HOURS: wholeNumber(1, 720).default(24),
  SIGN_UP: z.enum(["open", "closed"], "must be open or closed").optional(),
  EMAIL_CODES: z.enum(["on", "off"], "must be on or off").default("off"),
  COUNTERSIGN_KEYS: z.string().optional(),
  CRON_SECRET: z.string().min(32, "must have at least 32 characters").optional(),
});

function parseNetwork(text: string): Network {
  try {
    const [network, bits] = text.includes("/") ? ipaddr.parseCIDR(text) : [ipaddr.process(text), null];
    if (bits === 0)
      throw new EnvError("TRUSTED_PROXIES: a network of all addresses would let anybody choose theirs");
    return [network, bits ?? (network.kind() === "ipv4" ? 32 : 128)];
  } catch (error) {
    if (error instanceof EnvError) throw error;
    throw new EnvError(`TRUSTED_PROXIES: "${text}" is neither an address nor a network such as 10.0.0.0/8`);
  }
}

function parsePublicUrl(text: string): URL {
  const address = new URL(text);
  if (address.pathname !== "/" || address.search || address.hash || address.username) {
    throw new EnvError("PUBLIC_URL: must be an origin alone, such as https://id.example.org");
  }
  return address;
}

/**
 * Checks the settings of a process.
 * @param source such as `process.env`; an empty value counts as not set
 * @throws EnvError one line that names the first setting that cannot be used
 */
export function readEnv(source: Record<string, string | undefined>): Env {
  const given = Object.fromEntries(
    Object.entries(source).filter(([, value]) => value !== undefined && value !== ""),
  );
  const result = settings.safeParse(given);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new EnvError(`${issue?.path.join(".")}: ${issue?.message}`);
  }
  const values = result.data;
  if (values.GRPC_PORT === values.PORT) throw new EnvError("GRPC_PORT: must be another port than PORT");
  if ([values.PORT, values.GRPC_PORT].includes(values.METRICS_PORT ?? Number.NaN))
    throw new EnvError("METRICS_PORT: must be another port than PORT and GRPC_PORT");
  const publicUrl = parsePublicUrl(values.PUBLIC_URL ?? `http://localhost:${values.PORT}`);
  return {
    publicUrl,
    port: values.PORT,
    listenAddress: values.LISTEN_ADDRESS ?? null,
    grpcPort: values.GRPC_PORT ?? null,
    metricsPort: values.METRICS_PORT ?? null,
    metricsAddress: values.METRICS_ADDRESS,
    dataDir: resolve(values.DATA_DIR),
    databaseUrl: values.DATABASE_URL ?? null,
    issuer: values.ISSUER,
    smtpUrl: values.SMTP_URL ?? null,
    mailFrom:
      values.MAIL_FROM ?? `${values.ISSUER.replace(/[^\w .-]/g, "")} <no-reply@${publicUrl.hostname}>`,
    trustedProxies: values.TRUSTED_PROXIES.split(/[\s,]+/)
      .filter(Boolean)
      .map(parseNetwork),
    rateLimitAddress: values.RATE_LIMIT_ADDRESS === "on",
    sessionIdleMinutes: values.SESSION_IDLE_MINUTES,
    sessionMaxHours: values.SESSION_MAX_HOURS,
    signUp: values.SIGN_UP ?? (values.DATABASE_URL ? "closed" : "open"),
    emailCodes: values.EMAIL_CODES === "on",
    keys: values.COUNTERSIGN_KEYS ?? null,
    cronSecret: values.CRON_SECRET ?? null,
  };
}

let cached: Env | undefined;

/** This process's settings, read once. Throws EnvError at the first call if one cannot be used. */
export function env(): Env {
  cached ??= readEnv(process.env);
  return cached;
}

/** Whether Next runs its development server. Decided when the code is built. */
export const isDevelopment = process.env.NODE_ENV === "development";
