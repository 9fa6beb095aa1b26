// The shortcuts of the keyboard, which the page tells in its dialog. Those with
// letters go by the place of the key, since Alt writes other characters on some
// systems.
const shortcuts = { KeyN: "create", KeyL: "list", KeyD: "theme", KeyM: "write" };

export function whenKeysPressed(chat, actions) {
  document.addEventListener("keydown", (event) => {
    const here = chat.contains(event.target) || (event.target === document.body && isAlone(chat));
    if (!here || event.defaultPrevented || event.isComposing) return;
    const name = event.altKey && event.shiftKey && !event.ctrlKey && shortcuts[event.code];
    if (name) {
      event.preventDefault();
      actions[name]();
    } else if (event.key === "Escape" && !chat.querySelector("dialog[open]")) {
      actions.escape();
    }
  });
}

// Keys that are pressed nowhere in a page are those of its only chat.
function isAlone(chat) {
  return chat.isConnected && document.querySelectorAll("openaistream-chat").length === 1;
}
