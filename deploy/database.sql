-- Run once by the image of PostgreSQL, on an empty volume, as its superuser: the service's role owns its database and nothing else.
\getenv password POSTGRES_PASSWORD
CREATE ROLE countersign LOGIN PASSWORD :'password';
CREATE DATABASE countersign OWNER countersign;
-- The password is the service's alone: by network nobody is superuser, within the container whoever runs psql there.
ALTER ROLE CURRENT_USER PASSWORD NULL;
