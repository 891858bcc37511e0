-- AlterTable
ALTER TABLE "challenge" ADD COLUMN     "mailed_at" TIMESTAMPTZ(3),
ADD COLUMN     "mailed_code_id" TEXT;
