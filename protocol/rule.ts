/** What a client may say as a value, as data: what reads the value goes by it, and so do the documents that describe it. */
export type Rule =
  | {
      /** A text of so many characters, as users see them, at the most. */
      readonly kind: 'text';
      readonly longest: number;
      readonly isVisible?: true;
      readonly orNull?: true;
    }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'flag' }
  | { readonly kind: 'whole'; readonly least: number; readonly most: number }
  /** A list of ids of users. */
  | { readonly kind: 'users'; readonly most: number };
