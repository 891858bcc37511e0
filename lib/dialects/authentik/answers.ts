// What many operations may answer, for their description.

export const FORBIDDEN = { 403: { means: "No token, one that is not live, or one without the scope" } };
export const NOT_FOUND = { 404: { means: "No such device" } };
export const INVALID = { 400: { means: "The name is missing or not right" } };
