"use client";

export function TilesView(_props: object) {
  return null;
}
