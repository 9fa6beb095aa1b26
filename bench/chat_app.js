// Records in the page when tokens come and when they are painted. Tokens are
// numbered: "t17". Run before the page's own scripts.
(() => {
  const record = { arrived: [], painted: [], frames: [] };
  window.record = record;
  const lastNumber = (text) => {
    const numbers = text.match(/\bt\d+/g);
    return numbers ? Number(numbers.at(-1).slice(1)) : 0;
  };

  const Native = WebSocket;
  window.WebSocket = class extends Native {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", (event) => {
        const number = lastNumber(event.data);
        if (number) record.arrived.push([number, event.timeStamp]);
      });
    }
  };

  // What a message to itself finds after a frame has been painted.
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    const now = performance.now();
    const blocks = document.querySelectorAll(".assistant:last-child .text > *");
    if (!blocks.length) return;
    const number = lastNumber(blocks[blocks.length - 1].textContent);
    if (number > (record.painted.at(-1)?.[0] ?? 0)) record.painted.push([number, now]);
  };
  let before = null;
  const frame = (now) => {
    if (before) record.frames.push(now - before);
    before = now;
    channel.port2.postMessage(null);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})();
