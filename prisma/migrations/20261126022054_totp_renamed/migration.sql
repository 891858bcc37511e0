-- AlterTable
ALTER TABLE "totp_factor" ADD COLUMN     "renamed_at" TIMESTAMPTZ(3);
