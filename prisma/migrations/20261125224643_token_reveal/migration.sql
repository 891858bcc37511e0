-- CreateTable
CREATE TABLE "token_reveal" (
    "api_token_id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "sealed_token" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "token_reveal_pkey" PRIMARY KEY ("api_token_id")
);

-- CreateIndex
CREATE INDEX "token_reveal_session_id_idx" ON "token_reveal"("session_id");

-- AddForeignKey
ALTER TABLE "token_reveal" ADD CONSTRAINT "token_reveal_api_token_id_fkey" FOREIGN KEY ("api_token_id") REFERENCES "api_token"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "token_reveal" ADD CONSTRAINT "token_reveal_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "session"("id") ON DELETE CASCADE ON UPDATE CASCADE;
