-- AlterTable
ALTER TABLE "session" ADD COLUMN     "mailed_at" TIMESTAMPTZ(3),
ADD COLUMN     "mailed_code_id" TEXT;

-- AlterTable
ALTER TABLE "totp_factor" ADD COLUMN     "issuer" TEXT,
ADD COLUMN     "recovery_set" JSONB;
