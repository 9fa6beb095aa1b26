// A chat: the element <openaistream-chat id="..."> created by R/chat_page.R. A page
// can contain several.
//
// It sends one input to R, `<id>_action`:
// - { name: "open", conversation, kept }: this conversation is now shown. `kept` is
//   the state that R sent at the end of its last answer, null for a new one.
// - { name: "ask", conversation, answer, text, files: [{ name, type, data }], kept_bytes }:
//   `answer` is the number of the answer, `data` is base64, `kept_bytes` the length of
//   the conversation's `kept`. A retry is sent as a new question with a new number.
// - { name: "stop", conversation, answer }
// - { name: "forget", conversation }: the conversation was deleted.
//
// R sends messages "openaistream": { id, conversation, answer, event, ... }. Events
// of an answer:
// - "text" and "reasoning" { text }
// - "tool" { call, tool, arguments }: a tool call, or the new arguments of a call
//   sent before
// - "tool_result" { call, result, failed }
// - "picture" { url, alt }
// - "end" { state, error, kept, kept_end, usage }: the new state of the conversation is
//   `kept`, or the previous state with `kept_end` in place of its last two characters
//
// Events with `answer: null`:
// - "conversation" { title, turns, kept }: replaces the conversation shown
// - "ask" { text }: asks a question on behalf of the user
// - "clear": starts a new conversation
// - "model" { model }: the name of the model to show
// - "problem" { text }
import { Composer } from "./composer.js";
import {
  applyEvent, askQuestion, beginAnswer, lastQuestion, markLost, newConversation, streamingAnswer,
} from "./conversation.js";
import { element } from "./elements.js";
import { ConversationList } from "./list.js";
import { listenToShortcuts } from "./keys.js";
import { prepare } from "./markdown.js";
import { recall, remember } from "./memory.js";
import { Store } from "./store.js";
import { Theme } from "./theme.js";
import { View } from "./view.js";

// Milliseconds between two saves of a conversation while its answer streams.
const saveInterval = 2000;

class Chat extends HTMLElement {
  connectedCallback() {
    if (this.store) return;
    // Whether the browser stores conversations.
    this.history = this.dataset.history !== "false";
    this.scope = `${location.pathname}#${this.id}`;
    this.store = new Store(this.scope);
    this.conversations = new Map();
    this.saveTimers = new Map();
    this.answers = 0;
    this.theme = new Theme(this);
    this.composer = new Composer(this.querySelector(".composer"), {
      onBegin: prepare,
      onSend: (text, files) => this.ask(text, files),
      onStop: () => this.stop(),
    });
    this.view = new View(this.querySelector(".messages"), () => this.retry());
    this.list = new ConversationList(this.querySelector(".conversations"), {
      list: () => this.listConversations(),
      current: () => this.current.id,
      choose: (id) => this.choose(id),
      rename: (id, title) => this.rename(id, title),
      remove: (id) => this.remove(id),
    });
    this.listButton = this.querySelector(".open-list");
    this.listenToButtons();
    listenToShortcuts(this, {
      create: () => this.create(),
      list: () => this.toggleList(!this.list.open),
      theme: () => this.theme.change(),
      write: () => this.composer.focus(),
      escape: () => this.escape(),
    });
    const previous = this.history && recall("sessionStorage", this.scope);
    this.show(newConversation());
    whenConnected(
      () => this.onFirstConnection(previous),
      () => this.onReconnection(),
      () => this.onDisconnection(),
    );
  }

  listenToButtons() {
    const onClick = (name, action) => this.querySelector(name).addEventListener("click", action);
    onClick(".new", () => this.create());
    onClick(".open-list", () => this.toggleList(!this.list.open));
    onClick(".close-list", () => this.toggleList(false));
    onClick(".theme", () => this.theme.change());
    const dialog = this.querySelector(".keys");
    onClick(".open-keys", () => dialog.showModal());
    this.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      this.classList.add("dropping");
    });
    this.addEventListener("dragleave", (event) => {
      if (!this.contains(event.relatedTarget)) this.classList.remove("dropping");
    });
    this.addEventListener("drop", (event) => {
      this.classList.remove("dropping");
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      this.composer.addFiles([...event.dataTransfer.files]);
    });
  }

  // A reloaded page shows the same conversation as before.
  async onFirstConnection(id) {
    const conversation = id && (await this.load(id));
    if (conversation) this.show(conversation);
    this.sendOpen();
    this.composer.setConnected(true);
  }

  // The new R session does not know any conversation yet.
  onReconnection() {
    this.connectionError?.remove();
    this.composer.setConnected(true);
    this.sendOpen();
  }

  onDisconnection() {
    this.composer.setConnected(false);
    for (const conversation of this.conversations.values()) {
      if (!streamingAnswer(conversation)) continue;
      markLost(conversation);
      this.save(conversation);
    }
    this.refresh();
    this.connectionError = this.showError("The connection to R is lost. Reload the page.");
  }

  sendAction(name, conversation, fields) {
    const action = { name, conversation: conversation.id, ...fields };
    Shiny.setInputValue(`${this.id}_action`, action, { priority: "event" });
  }

  sendOpen() {
    this.sendAction("open", this.current, { kept: this.current.kept });
  }

  show(conversation) {
    this.current = conversation;
    this.conversations.set(conversation.id, conversation);
    remember("sessionStorage", this.scope, conversation.id);
    this.view.show(conversation);
    this.composer.setBusy(Boolean(streamingAnswer(conversation)));
  }

  ask(text, files) {
    askQuestion(this.current, text, files);
    this.beginAnswer(text, files);
  }

  retry() {
    if (!this.composer.connected || streamingAnswer(this.current)) return;
    this.current.turns.pop();
    const { text, files } = lastQuestion(this.current);
    this.beginAnswer(text, files);
    this.composer.focus();
  }

  beginAnswer(text, files) {
    this.answers += 1;
    beginAnswer(this.current, this.answers);
    this.view.clearSpoken();
    this.refresh();
    this.view.scrollToEnd();
    const keptBytes = new Blob([this.current.kept ?? ""]).size;
    const question = { answer: this.answers, text, files, kept_bytes: keptBytes };
    this.sendAction("ask", this.current, question);
    this.save(this.current);
  }

  stop() {
    const answer = streamingAnswer(this.current);
    if (answer) this.sendAction("stop", this.current, { answer: answer.answer });
  }

  // Shows changes of the current conversation.
  refresh() {
    this.view.update();
    this.composer.setBusy(Boolean(streamingAnswer(this.current)));
  }

  receive(message) {
    if (message.answer === null) return this.receiveWithoutAnswer(message);
    const conversation = this.conversations.get(message.conversation);
    const answer = conversation && streamingAnswer(conversation);
    if (!answer || answer.answer !== message.answer) return undefined;
    applyEvent(conversation, answer, message);
    if (conversation === this.current) {
      this.view.updateSoon();
      if (message.event === "end") this.refresh();
    }
    if (message.event === "end") this.save(conversation);
    else this.saveSoon(conversation);
    return undefined;
  }

  receiveWithoutAnswer(message) {
    switch (message.event) {
      case "conversation":
        return this.receiveConversation(message);
      case "ask":
        if (!streamingAnswer(this.current)) this.ask(message.text, []);
        return undefined;
      case "clear":
        return this.create();
      case "model":
        this.querySelector(".model").textContent = message.model;
        return undefined;
      default:
        return this.showError(message.text);
    }
  }

  receiveConversation({ conversation: id, title, turns, kept }) {
    const conversation = { id, title, turns, kept, changed: Date.now() };
    for (const turn of turns) if (turn.role === "assistant") turn.state ??= "complete";
    this.show(conversation);
    this.save(conversation);
  }

  create() {
    if (this.current.turns.length) {
      this.show(newConversation());
      this.sendOpen();
      this.list.refresh();
    }
    this.composer.focus();
  }

  async choose(id) {
    const conversation = await this.load(id);
    if (!conversation) return;
    this.show(conversation);
    this.sendOpen();
    await this.list.refresh();
    if (this.clientWidth < 720) this.toggleList(false);
    this.composer.focus();
  }

  async load(id) {
    if (this.conversations.has(id)) return this.conversations.get(id);
    const conversation = await this.store.get(id).catch(() => null);
    if (conversation) markLost(conversation);
    return conversation;
  }

  // The stored conversations, after those that could not be stored.
  async listConversations() {
    const stored = await this.store.list().catch(() => []);
    const storedIds = stored.map(({ id }) => id);
    const others = [...this.conversations.values()].filter(
      ({ id, turns }) => turns.length && !storedIds.includes(id),
    );
    return [...others, ...stored].map((each) => {
      const loaded = this.conversations.get(each.id);
      return { ...each, streaming: Boolean(loaded && streamingAnswer(loaded)) };
    });
  }

  async rename(id, title) {
    const conversation = await this.load(id);
    if (!conversation) return;
    conversation.title = title;
    await this.save(conversation, conversation.changed);
  }

  async remove(id) {
    this.sendAction("forget", { id });
    clearTimeout(this.saveTimers.get(id));
    this.saveTimers.delete(id);
    this.conversations.delete(id);
    if (id === this.current.id) {
      this.show(newConversation());
      this.sendOpen();
    }
    await this.store.delete(id).catch(() => {});
  }

  saveSoon(conversation) {
    const { id } = conversation;
    if (this.saveTimers.has(id)) return;
    this.saveTimers.set(id, setTimeout(() => this.save(conversation), saveInterval));
  }

  async save(conversation, changed = Date.now()) {
    clearTimeout(this.saveTimers.get(conversation.id));
    this.saveTimers.delete(conversation.id);
    conversation.changed = changed;
    if (!this.history) return;
    try {
      await this.store.put(conversation);
    } catch (error) {
      if (!this.hasReportedStore) {
        this.showError(`The browser cannot store this conversation: ${error.message}`);
      }
      this.hasReportedStore = true;
    }
    this.list.refresh();
  }

  showError(message) {
    const box = element("p", { class: "error", role: "alert" }, message);
    this.querySelector(".composer").before(box);
    return box;
  }

  async toggleList(open) {
    this.listButton.setAttribute("aria-expanded", String(open));
    await this.list.toggle(open);
    if (!open) this.listButton.focus();
  }

  escape() {
    if (this.list.open && this.querySelector(".conversations").contains(document.activeElement)) {
      this.toggleList(false);
    } else {
      this.stop();
    }
  }
}

// Shiny signals connections by jQuery events. If R inserts the chat later, Shiny is
// already connected.
function whenConnected(onFirstConnection, onReconnection, onDisconnection) {
  let handler = onFirstConnection;
  const onConnection = () => {
    handler();
    handler = onReconnection;
  };
  if (window.Shiny?.shinyapp?.config?.sessionId) onConnection();
  $(document).on("shiny:sessioninitialized", onConnection);
  $(document).on("shiny:disconnected", onDisconnection);
}

Shiny.addCustomMessageHandler("openaistream", (message) => {
  document.getElementById(message.id)?.receive(message);
});
customElements.define("openaistream-chat", Chat);
