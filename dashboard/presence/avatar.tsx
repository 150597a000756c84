/** How many colours styles/presence.css has. */
const colours = 6;

export interface AvatarProps {
  readonly user: string;
  /** Whether none of the user's pages can be seen by them. */
  readonly isAway?: boolean;
}

/** A user in a circle, by the first letters of the name; whoever is here beside it says who that is. */
export function Avatar({ user, isAway = false }: AvatarProps) {
  return (
    <span className="avatar" data-colour={colourOf(user)} data-away={isAway} title={user} aria-hidden="true">
      {initialsOf(user)}
    </span>
  );
}

function initialsOf(user: string): string {
  const [first = user, second] = user.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const initials = second === undefined ? first.slice(0, 2) : first.charAt(0) + second.charAt(0);
  return initials.toUpperCase();
}

function colourOf(user: string): number {
  let sum = 0;
  for (const letter of user) sum = (sum * 31 + letter.codePointAt(0)!) % 9973;
  return sum % colours;
}
