-- AlterTable
ALTER TABLE "challenge" ADD COLUMN     "mailed_at" TIMESTAMPTZ(3),
ADD COLUMN     "mailed_code_id" TEXT,
ADD COLUMN     "weak_account_units" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "weak_browser_units" INTEGER NOT NULL DEFAULT 0;
