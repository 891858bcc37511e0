-- DropForeignKey
ALTER TABLE "event" DROP CONSTRAINT "event_user_id_fkey";

-- AlterTable
ALTER TABLE "totp_factor" ADD COLUMN     "provisioned_by" TEXT;

-- AlterTable
ALTER TABLE "user" ADD COLUMN     "password_change_demanded_at" TIMESTAMPTZ(3),
ADD COLUMN     "two_factor_since" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "api_token" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "required_from" TIMESTAMPTZ(3),
    "grace_days" INTEGER NOT NULL DEFAULT 7,

    CONSTRAINT "policy_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "grace_period" (
    "user_id" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "reminders_sent" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "grace_period_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "api_token_token_hash_key" ON "api_token"("token_hash");

-- CreateIndex
CREATE INDEX "api_token_user_id_idx" ON "api_token"("user_id");

-- CreateIndex
CREATE INDEX "event_actor_id_idx" ON "event"("actor", "id");

-- CreateIndex
CREATE INDEX "event_kind_id_idx" ON "event"("kind", "id");

-- CreateIndex
CREATE INDEX "event_via_id_idx" ON "event"("via", "id");

-- AddForeignKey
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grace_period" ADD CONSTRAINT "grace_period_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- What Prisma's schema cannot say.

INSERT INTO "policy" ("id") VALUES (1);

UPDATE "user" SET "two_factor_since" = (
  SELECT min("confirmed_at") FROM "totp_factor" WHERE "totp_factor"."user_id" = "user"."id"
);

-- The audit trail is append-only, for everybody. The engine that applies migrations splits them at each semicolon, wherever it
-- stands, so those of the function's body are escaped.
CREATE FUNCTION "refuse_change_of_events"() RETURNS trigger LANGUAGE plpgsql AS
E'BEGIN RAISE EXCEPTION ''The audit trail is append-only'' USING ERRCODE = ''restrict_violation''\x3B END\x3B';

CREATE TRIGGER "event_is_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "event"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_events"();
