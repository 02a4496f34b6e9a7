/** Codes of countries. */

/** ISO 3166, of two or three letters, as they are sent; payments hold them in upper case. */
export const COUNTRY_CODE = /^[A-Za-z]{2,3}$/;
