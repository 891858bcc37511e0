-- AlterTable
ALTER TABLE "totp_factor" ADD COLUMN     "program_tries" INTEGER NOT NULL DEFAULT 0;
