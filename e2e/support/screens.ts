/** A desk and the phone of whoever is on call: name, whether it is the phone, and its screen in CSS pixels. */
export const DESK_AND_PHONE = [
  ["at a desk", false, { width: 1440, height: 900 }],
  ["on a phone of 390 px", true, { width: 390, height: 844 }],
] as const;
