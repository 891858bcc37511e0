-- DropIndex
DROP INDEX "challenge_user_id_idx";

-- AlterTable
ALTER TABLE "challenge" ADD COLUMN     "address_key" TEXT NOT NULL DEFAULT '';

-- CreateIndex
CREATE INDEX "challenge_user_id_address_key_idx" ON "challenge"("user_id", "address_key");
