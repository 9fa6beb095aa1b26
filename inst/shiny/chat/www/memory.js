// Small things that the browser keeps, in `localStorage` or `sessionStorage`, which
// some browsers and frames refuse: then nothing is kept.
export function recall(storage, key) {
  try {
    return window[storage].getItem(key);
  } catch {
    return null;
  }
}

// Forgets it where `value` is null.
export function remember(storage, key, value) {
  try {
    if (value === null) window[storage].removeItem(key);
    else window[storage].setItem(key, value);
  } catch {
    // Not kept.
  }
}
