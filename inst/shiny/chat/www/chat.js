// The page of chat_app(). Tells R one input, `action`, and hears the messages
// that R/chat_session.R describes. Text from the model is only ever set as text.
(function () {
  "use strict";

  const messages = document.querySelector(".messages");
  const question = document.querySelector(".composer textarea");
  const send = document.querySelector(".send");
  let answer = null; // The one that is under way.
  let answers = 0;

  function act(name, fields) {
    Shiny.setInputValue(
      "action", Object.assign({ name: name }, fields), { priority: "event" }
    );
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // Follows the text only where the reader is at its end.
  function following(change) {
    const distance =
      messages.scrollHeight - messages.scrollTop - messages.clientHeight;
    change();
    if (distance < 60) messages.scrollTop = messages.scrollHeight;
  }

  function show(bubble) {
    messages.append(bubble);
    messages.scrollTop = messages.scrollHeight;
  }

  function setStreaming(streaming) {
    send.textContent = streaming ? "Stop" : "Send";
    send.classList.toggle("stop", streaming);
    messages.setAttribute("aria-busy", streaming);
  }

  function ask(text) {
    const bubble = element("article", "message assistant streaming");
    bubble.setAttribute("aria-label", "Answer");
    const node = document.createTextNode("");
    bubble.append(element("div", "text"));
    bubble.firstChild.append(node);
    show(bubble);
    answers += 1;
    answer = { number: answers, question: text, bubble: bubble, text: node };
    setStreaming(true);
    act("ask", { question: text, answer: answers });
  }

  function submit() {
    const text = question.value.trim();
    if (!text) return;
    const bubble = element("article", "message user");
    bubble.setAttribute("aria-label", "Question");
    bubble.append(element("div", "text", text));
    show(bubble);
    question.value = "";
    fit();
    ask(text);
  }

  function showError(message, failed) {
    const box = element("div", "error");
    box.setAttribute("role", "alert");
    box.append(element("p", "reason", message));
    const again = element("button", "again", "Try again");
    again.type = "button";
    again.addEventListener("click", function () {
      if (answer || send.disabled) return;
      failed.bubble.remove();
      ask(failed.question);
      question.focus();
    });
    box.append(again);
    failed.bubble.append(box);
  }

  function end(state, error) {
    const ended = answer;
    answer = null;
    setStreaming(false);
    following(function () {
      ended.bubble.classList.remove("streaming");
      ended.bubble.classList.add(state);
      if (state === "stopped") {
        ended.bubble.append(element("p", "state", "Stopped"));
      } else if (state === "failed") {
        showError(error, ended);
      } else if (!ended.text.length) {
        ended.bubble.append(element("p", "state", "The answer has no text"));
      }
    });
  }

  function fit() {
    question.style.height = "auto";
    question.style.height = question.scrollHeight + "px";
  }

  send.addEventListener("click", function () {
    if (answer) {
      act("stop");
    } else {
      submit();
    }
    question.focus();
  });

  question.addEventListener("input", fit);
  question.addEventListener("keydown", function (event) {
    // Enter also ends the composition of a word, in Japanese for instance;
    // Safari tells so by the code 229 alone.
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && !event.shiftKey && !composing) {
      event.preventDefault();
      if (!answer && !send.disabled) submit();
    }
  });

  document.querySelector(".clear").addEventListener("click", function () {
    messages.replaceChildren();
    answer = null;
    setStreaming(false);
    act("clear");
    question.focus();
  });

  Shiny.addCustomMessageHandler("openaistream", function (message) {
    // R may have sent it before it knew that the page was cleared.
    if (!answer || message.answer !== answer.number) return;
    if (message.event === "text") {
      following(function () { answer.text.appendData(message.text); });
    } else {
      end(message.state, message.error);
    }
  });

  $(document).on("shiny:sessioninitialized", function () {
    send.disabled = false;
    question.focus();
  });
  $(document).on("shiny:disconnected", function () {
    send.disabled = true;
    if (answer) end("stopped");
    const box = element("p", "error", "The connection to R is lost. Reload the page.");
    box.setAttribute("role", "alert");
    show(box);
  });
})();
