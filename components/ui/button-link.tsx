import Link from "next/link";
import type { ReactNode } from "react";
import { LOOKS, SHAPE, type Look } from "./button";

/** A way to another page that weighs as much as a button. */
export function ButtonLink({
  href,
  look = "plain",
  className = "",
  children,
  ...rest
}: {
  href: string;
  look?: Look;
  className?: string;
  "aria-describedby"?: string;
  children: ReactNode;
}) {
  return (
    <Link prefetch={false} href={href} className={`${SHAPE} ${LOOKS[look]} ${className}`} {...rest}>
      {children}
    </Link>
  );
}
