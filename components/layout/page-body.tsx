"use client";

import { useEffect, type ReactNode, type SyntheticEvent } from "react";
import { LISTENS, LISTENS_NO_MORE } from "./keep-presses";

const hear = ({ nativeEvent }: SyntheticEvent) => {
  nativeEvent.isHeard = true;
};

/** The body tells of each press that it got to its parts; what did not is kept for them. */
export function PageBody({ children }: { children: ReactNode }) {
  useEffect(() => {
    window.dispatchEvent(new Event(LISTENS));
    return () => void window.dispatchEvent(new Event(LISTENS_NO_MORE));
  }, []);
  return (
    <body
      onAuxClickCapture={hear}
      onClickCapture={hear}
      onKeyDownCapture={hear}
      onSubmitCapture={hear}
      onChangeCapture={hear}
    >
      {children}
    </body>
  );
}
