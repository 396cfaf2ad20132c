import { useEffect, useRef, useState } from "react";
import { useMe } from "../frame/who";
import { storeOf } from "../saving/store";

type Kept<T> = {
  value: T;
  set: (value: T) => void;
  /** Forgets what was kept and begins with `next`. */
  reset: (next: T) => Promise<void>;
  ready: boolean;
};

/** What is being written, kept in this browser with every key press until it is sent: a reload or a lost line loses nothing. */
export function useDraft<T>(name: string, empty: T): Kept<T> {
  const { person_id } = useMe();
  const [value, setValue] = useState(empty);
  const [ready, setReady] = useState(false);
  const touched = useRef(false);
  useEffect(() => {
    let here = true;
    void storeOf(person_id)
      .then((store) => store.get("drafts", name))
      .catch(() => undefined) // no store: the draft lives as long as the page
      .then((found) => {
        if (!here) return;
        if (found && !touched.current) setValue(found.value as T);
        setReady(true);
      });
    return () => {
      here = false;
    };
  }, [person_id, name]);

  function set(next: T) {
    touched.current = true;
    setValue(next);
    void storeOf(person_id).then((store) => store.put("drafts", { name, value: next }));
  }

  async function reset(next: T) {
    setValue(next);
    await (await storeOf(person_id)).delete("drafts", name);
  }

  return { value, set, reset, ready };
}
