// A chat: the element <openaistream-chat id="..."> of R/chat_page.R. Several may
// be on a page.
//
// It tells R one input, `<id>_action`:
// - { name: "open", conversation, kept }: the conversation that is shown now.
//   `kept` is what R sent at the end of its last answer, null for a new one.
// - { name: "ask", conversation, answer, text, files: [{ name, type, data }] }:
//   `answer` is the number of the answer, `data` is in base64. To try again is
//   to ask again, by another number.
// - { name: "stop", conversation, answer }
// - { name: "forget", conversation }: it was deleted.
//
// R sends messages "openaistream": { id, conversation, answer, event, ... }, with
// the events "text" and "reasoning" { text }, "tool" { call, tool, arguments },
// "tool_result" { call, result, failed }, "picture" { url, alt }, "end" { state,
// error, kept, usage }. A "tool" whose call is there already changes its
// arguments. Without an answer come "conversation" { title, turns, kept }, which is
// shown instead of what is there, once and after an "open"; "ask" { text }, which
// is asked as though the person had written it; "clear", a new conversation is
// begun; "model" { model }, its name; "problem" { text }.
import { Composer } from "./composer.js";
import {
  askQuestion, beginAnswer, hear, lastQuestion, markLost, newConversation, streamingAnswer,
} from "./conversation.js";
import { element } from "./elements.js";
import { ConversationList } from "./list.js";
import { whenKeysPressed } from "./keys.js";
import { prepare } from "./markdown.js";
import { recall, remember } from "./memory.js";
import { Store } from "./store.js";
import { Theme } from "./theme.js";
import { View } from "./view.js";

// While an answer streams it is kept as often as this, in milliseconds.
const keepEvery = 2000;

class Chat extends HTMLElement {
  connectedCallback() {
    if (this.store) return;
    // Whether the browser keeps conversations.
    this.history = this.dataset.history !== "false";
    this.scope = `${location.pathname}#${this.id}`;
    this.store = new Store(this.scope);
    this.conversations = new Map();
    this.timers = new Map();
    this.answers = 0;
    this.theme = new Theme(this);
    this.composer = new Composer(this.querySelector(".composer"), {
      onBegin: prepare,
      onSend: (text, files) => this.ask(text, files),
      onStop: () => this.stop(),
    });
    this.view = new View(this.querySelector(".messages"), () => this.askAgain());
    this.list = new ConversationList(this.querySelector(".conversations"), {
      list: () => this.listed(),
      current: () => this.current.id,
      choose: (id) => this.choose(id),
      rename: (id, title) => this.rename(id, title),
      remove: (id) => this.remove(id),
    });
    this.listButton = this.querySelector(".open-list");
    this.listenToButtons();
    whenKeysPressed(this, {
      create: () => this.create(),
      list: () => this.toggleList(!this.list.open),
      theme: () => this.theme.change(),
      write: () => this.composer.focus(),
      escape: () => this.escape(),
    });
    const before = this.history && recall("sessionStorage", this.scope);
    this.show(newConversation());
    whenConnected(() => this.start(before), () => this.goOn(), () => this.lose());
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

  // The conversation of this tab goes on where a page was loaded again.
  async start(id) {
    const conversation = id && (await this.load(id));
    if (conversation) this.show(conversation);
    this.tellOpen();
    this.composer.setConnected(true);
  }

  // R, which has forgotten all, is told what is shown.
  goOn() {
    this.lost?.remove();
    this.composer.setConnected(true);
    this.tellOpen();
  }

  lose() {
    this.composer.setConnected(false);
    for (const conversation of this.conversations.values()) {
      if (!streamingAnswer(conversation)) continue;
      markLost(conversation);
      this.keep(conversation);
    }
    this.changed();
    this.lost = this.complain("The connection to R is lost. Reload the page.");
  }

  act(name, conversation, fields) {
    const action = { name, conversation: conversation.id, ...fields };
    Shiny.setInputValue(`${this.id}_action`, action, { priority: "event" });
  }

  tellOpen() {
    this.act("open", this.current, { kept: this.current.kept });
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

  askAgain() {
    if (!this.composer.connected || streamingAnswer(this.current)) return;
    this.current.turns.pop();
    const { text, files } = lastQuestion(this.current);
    this.beginAnswer(text, files);
    this.composer.focus();
  }

  beginAnswer(text, files) {
    this.answers += 1;
    beginAnswer(this.current, this.answers);
    this.view.silence();
    this.changed();
    this.view.scrollToEnd();
    this.act("ask", this.current, { answer: this.answers, text, files });
    this.keep(this.current);
  }

  stop() {
    const answer = streamingAnswer(this.current);
    if (answer) this.act("stop", this.current, { answer: answer.answer });
  }

  // The shown conversation is another than before.
  changed() {
    this.view.update();
    this.composer.setBusy(Boolean(streamingAnswer(this.current)));
  }

  hear(message) {
    if (message.answer === null) return this.hearOther(message);
    const conversation = this.conversations.get(message.conversation);
    const answer = conversation && streamingAnswer(conversation);
    if (!answer || answer.answer !== message.answer) return undefined;
    hear(conversation, answer, message);
    if (conversation === this.current) {
      this.view.updateSoon();
      if (message.event === "end") this.changed();
    }
    if (message.event === "end") this.keep(conversation);
    else this.keepSoon(conversation);
    return undefined;
  }

  // What is about no answer.
  hearOther(message) {
    switch (message.event) {
      case "conversation":
        return this.hearConversation(message);
      case "ask":
        if (!streamingAnswer(this.current)) this.ask(message.text, []);
        return undefined;
      case "clear":
        return this.create();
      case "model":
        this.querySelector(".model").textContent = message.model;
        return undefined;
      default:
        return this.complain(message.text);
    }
  }

  hearConversation({ conversation, title, turns, kept }) {
    const shown = { id: conversation, title, turns, kept, changed: Date.now() };
    for (const turn of turns) if (turn.role === "assistant") turn.state ??= "complete";
    this.show(shown);
    this.keep(shown);
  }

  create() {
    if (this.current.turns.length) {
      this.show(newConversation());
      this.tellOpen();
      this.list.refresh();
    }
    this.composer.focus();
  }

  async choose(id) {
    const conversation = await this.load(id);
    if (!conversation) return;
    this.show(conversation);
    this.tellOpen();
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

  async listed() {
    const kept = await this.store.list().catch(() => []);
    const known = kept.map(({ id }) => id);
    const others = [...this.conversations.values()].filter(
      ({ id, turns }) => turns.length && !known.includes(id),
    );
    return [...others, ...kept].map((each) => {
      const loaded = this.conversations.get(each.id);
      return { ...each, streaming: Boolean(loaded && streamingAnswer(loaded)) };
    });
  }

  async rename(id, title) {
    const conversation = await this.load(id);
    if (!conversation) return;
    conversation.title = title;
    await this.keep(conversation, conversation.changed);
  }

  async remove(id) {
    this.act("forget", { id });
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    this.conversations.delete(id);
    if (id === this.current.id) {
      this.show(newConversation());
      this.tellOpen();
    }
    await this.store.delete(id).catch(() => {});
  }

  keepSoon(conversation) {
    if (this.timers.has(conversation.id)) return;
    this.timers.set(conversation.id, setTimeout(() => this.keep(conversation), keepEvery));
  }

  async keep(conversation, changed = Date.now()) {
    clearTimeout(this.timers.get(conversation.id));
    this.timers.delete(conversation.id);
    conversation.changed = changed;
    if (!this.history) return;
    try {
      await this.store.put(conversation);
    } catch (error) {
      if (!this.complained) {
        this.complain(`The browser cannot keep this conversation: ${error.message}`);
      }
      this.complained = true;
    }
    this.list.refresh();
  }

  complain(message) {
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

// Shiny tells by events of jQuery; a chat that R inserts later finds it connected.
function whenConnected(connected, connectedAgain, lost) {
  let next = connected;
  const go = () => {
    next();
    next = connectedAgain;
  };
  if (window.Shiny?.shinyapp?.config?.sessionId) go();
  $(document).on("shiny:sessioninitialized", go);
  $(document).on("shiny:disconnected", lost);
}

Shiny.addCustomMessageHandler("openaistream", (message) => {
  document.getElementById(message.id)?.hear(message);
});
customElements.define("openaistream-chat", Chat);
