-- AlterTable
ALTER TABLE "totp_factor" ADD COLUMN     "drift_steps" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "replaces_id" TEXT;

-- CreateIndex
CREATE INDEX "totp_factor_replaces_id_idx" ON "totp_factor"("replaces_id");

-- AddForeignKey
ALTER TABLE "totp_factor" ADD CONSTRAINT "totp_factor_replaces_id_fkey" FOREIGN KEY ("replaces_id") REFERENCES "totp_factor"("id") ON DELETE CASCADE ON UPDATE CASCADE;
