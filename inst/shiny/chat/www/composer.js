// Where a question is written, with its files, and sent.
import { element, iconButton } from "./elements.js";
import { isPictureFile, megabytes, readFile, refusal } from "./files.js";

export class Composer {
  // `root` is the element of R/chat_page.R; `onSend(text, files)`, `onStop()`
  // and, with the first letter, `onBegin()` are called.
  constructor(root, { onBegin, onSend, onStop }) {
    this.area = root.querySelector("textarea");
    this.sendButton = root.querySelector(".send");
    this.files = [];
    this.chips = element("ul", { class: "chips", "aria-label": "Files", hidden: true });
    this.refused = element("div", { class: "refused", role: "alert" });
    root.prepend(this.refused, this.chips);
    this.onSend = onSend;
    this.onStop = onStop;
    this.connected = false;
    this.busy = false;
    this.sending = false;
    root.querySelector(".attach").addEventListener("click", () => this.choose());
    this.sendButton.addEventListener("click", () => {
      if (this.busy) this.onStop();
      else this.send();
      this.focus();
    });
    this.area.addEventListener("input", () => this.fit());
    this.area.addEventListener("input", onBegin, { once: true });
    this.area.addEventListener("keydown", (event) => this.press(event));
    this.area.addEventListener("paste", (event) => this.paste(event));
  }

  // While an answer streams the button stops it.
  setBusy(busy) {
    this.busy = busy;
    this.sendButton.textContent = busy ? "Stop" : "Send";
    this.sendButton.classList.toggle("stop", busy);
  }

  setConnected(connected) {
    this.connected = connected;
    this.sendButton.disabled = !connected;
  }

  focus() {
    this.area.focus();
  }

  press(event) {
    // Enter also ends the composition of a word, in Japanese for instance;
    // Safari tells so by the code 229 alone.
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && !event.shiftKey && !composing) {
      event.preventDefault();
      if (!this.busy) this.send();
    }
  }

  async send() {
    const text = this.area.value.trim();
    if (!this.connected || this.sending || !(text || this.files.length)) return;
    this.sending = true;
    try {
      const files = await Promise.all(this.files.map((each) => readFile(each.file)));
      this.area.value = "";
      this.fit();
      this.clearFiles();
      this.refused.replaceChildren();
      this.onSend(text, files);
    } catch (error) {
      this.refuse([error.message]);
    } finally {
      this.sending = false;
    }
  }

  fit() {
    this.area.style.height = "auto";
    this.area.style.height = `${this.area.scrollHeight}px`;
  }

  choose() {
    const input = element("input", { type: "file", multiple: true });
    input.addEventListener("change", () => this.addFiles([...input.files]));
    input.click();
  }

  // Text that comes with a picture of itself, as from a spreadsheet, is text.
  paste(event) {
    const { files, types } = event.clipboardData;
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    this.addFiles([...files]);
  }

  addFiles(files) {
    const reasons = [];
    for (const file of files) {
      const reason = refusal(file, this.files.map((each) => each.file));
      if (reason) reasons.push(reason);
      else this.addFile(file);
    }
    this.refuse(reasons);
    this.focus();
  }

  addFile(file) {
    const url = isPictureFile(file) ? URL.createObjectURL(file) : null;
    const entry = { file, url };
    entry.chip = element("li", { class: "chip" },
      url ? element("img", { src: url, alt: "" }) : "",
      element("span", { class: "file-name" }, file.name),
      element("span", { class: "size" }, megabytes(file.size)),
      iconButton("remove", "close", `Remove ${file.name}`, () => {
        this.removeFile(entry);
        this.focus();
      }));
    this.files.push(entry);
    this.chips.append(entry.chip);
    this.chips.hidden = false;
  }

  removeFile(entry) {
    this.files = this.files.filter((each) => each !== entry);
    entry.chip.remove();
    if (entry.url) URL.revokeObjectURL(entry.url);
    this.chips.hidden = !this.files.length;
  }

  clearFiles() {
    this.files.forEach((entry) => this.removeFile(entry));
  }

  refuse(reasons) {
    this.refused.replaceChildren(...reasons.map((reason) => element("p", {}, reason)));
  }
}
