// The keyboard shortcuts, which the page lists in a dialog. Letters are matched by
// `event.code`, because Alt enters other characters on some systems.
const shortcuts = { KeyN: "create", KeyL: "list", KeyD: "theme", KeyM: "write" };

export function listenToShortcuts(chat, actions) {
  document.addEventListener("keydown", (event) => {
    const isForChat = chat.contains(event.target) ||
      (event.target === document.body && isOnlyChat(chat));
    if (!isForChat || event.defaultPrevented || event.isComposing) return;
    const name = event.altKey && event.shiftKey && !event.ctrlKey && shortcuts[event.code];
    if (name) {
      event.preventDefault();
      actions[name]();
    } else if (event.key === "Escape" && !chat.querySelector("dialog[open]")) {
      actions.escape();
    }
  });
}

// If a page has a single chat, its shortcuts also work without the focus in it.
function isOnlyChat(chat) {
  return chat.isConnected && document.querySelectorAll("openaistream-chat").length === 1;
}
