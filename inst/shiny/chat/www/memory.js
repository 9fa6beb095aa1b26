// Values in `localStorage` or `sessionStorage`. Some browsers and frames block both;
// nothing is stored there.
export function recall(storage, key) {
  try {
    return window[storage].getItem(key);
  } catch {
    return null;
  }
}

// Removes the value if `value` is null.
export function remember(storage, key, value) {
  try {
    if (value === null) window[storage].removeItem(key);
    else window[storage].setItem(key, value);
  } catch {
    // The storage is blocked.
  }
}
