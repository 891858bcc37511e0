-- AlterTable
ALTER TABLE "challenge" ADD COLUMN     "is_known_browser" BOOLEAN NOT NULL DEFAULT false;
