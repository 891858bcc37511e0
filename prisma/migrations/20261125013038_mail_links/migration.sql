-- AlterTable: mails that are queued already are tried for a day, as before.
ALTER TABLE "mail" ADD COLUMN     "expires_at" TIMESTAMPTZ(3);
UPDATE "mail" SET "expires_at" = "created_at" + INTERVAL '24 hours';
ALTER TABLE "mail" ALTER COLUMN "expires_at" SET NOT NULL;

-- AlterTable
ALTER TABLE "user" ADD COLUMN     "email_verified_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "mail_link" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "mail_link_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "mail_link_user_id_purpose_key" ON "mail_link"("user_id", "purpose");

-- AddForeignKey
ALTER TABLE "mail_link" ADD CONSTRAINT "mail_link_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
