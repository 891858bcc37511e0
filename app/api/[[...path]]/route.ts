export {
  noSuchApi as DELETE,
  noSuchApi as GET,
  noSuchApi as PATCH,
  noSuchApi as POST,
  noSuchApi as PUT,
} from "@/lib/web/no-such-api";
