// The form in which a question and its files are entered and sent.
import { element, iconButton } from "./elements.js";
import { isPictureFile, megabytes, readFile, refusalReason } from "./files.js";

export class Composer {
  // `root` is the element created by R/chat_page.R. `onBegin()` is called when the
  // first character is entered.
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
    root.querySelector(".attach").addEventListener("click", () => this.chooseFiles());
    this.sendButton.addEventListener("click", () => {
      if (this.busy) this.onStop();
      else this.send();
      this.focus();
    });
    this.area.addEventListener("input", () => this.fitHeight());
    this.area.addEventListener("input", onBegin, { once: true });
    this.area.addEventListener("keydown", (event) => this.onKeydown(event));
    this.area.addEventListener("paste", (event) => this.onPaste(event));
  }

  // While an answer streams, the send button stops it.
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

  onKeydown(event) {
    // Enter also ends the composition of a word, for example in Japanese. Safari
    // only reports it by the key code 229.
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
      this.fitHeight();
      this.clearFiles();
      this.refused.replaceChildren();
      this.onSend(text, files);
    } catch (error) {
      this.showRefusals([error.message]);
    } finally {
      this.sending = false;
    }
  }

  fitHeight() {
    this.area.style.height = "auto";
    this.area.style.height = `${this.area.scrollHeight}px`;
  }

  chooseFiles() {
    const input = element("input", { type: "file", multiple: true });
    input.addEventListener("change", () => this.addFiles([...input.files]));
    input.click();
  }

  // Spreadsheets copy cells both as text and as a picture: the text is pasted.
  onPaste(event) {
    const { files, types } = event.clipboardData;
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    this.addFiles([...files]);
  }

  addFiles(files) {
    const reasons = [];
    for (const file of files) {
      const reason = refusalReason(file, this.files.map((each) => each.file));
      if (reason) reasons.push(reason);
      else this.addFile(file);
    }
    this.showRefusals(reasons);
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

  showRefusals(reasons) {
    this.refused.replaceChildren(...reasons.map((reason) => element("p", {}, reason)));
  }
}
