export { downloadAdoption as GET } from "@/lib/web/adoption-csv";
