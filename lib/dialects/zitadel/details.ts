import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { OwnerType } from "./protocol/zitadel/object/v3alpha/object_pb";
import { DetailsSchema } from "./protocol/zitadel/resources/object/v3alpha/object_pb";

/** Whom everything belongs to: Zitadel knows organisations, and here there is one. */
const ORGANISATION = "countersign";

/** What version 3 says of whatever was asked for or changed. */
export function detailsOf(id: string, created: Date, changed: Date) {
  return create(DetailsSchema, {
    id,
    created: timestampFromDate(created),
    changed: timestampFromDate(changed),
    owner: { type: OwnerType.ORG, id: ORGANISATION },
  });
}

/** What version 2 says of it. The sequence grows with time. */
export function detailsOfVersion2(changed: Date) {
  return {
    sequence: String(changed.getTime()),
    changeDate: changed.toISOString(),
    resourceOwner: ORGANISATION,
  };
}
