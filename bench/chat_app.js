// Records when tokens arrive in the page and when they are painted. Tokens are
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

  // A message that the page posts to itself in a frame is handled after the frame has
  // been painted.
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    const now = performance.now();
    const blocks = document.querySelectorAll(".assistant:last-child .text > *");
    if (!blocks.length) return;
    const number = lastNumber(blocks[blocks.length - 1].textContent);
    if (number > (record.painted.at(-1)?.[0] ?? 0)) record.painted.push([number, now]);
  };
  let previous = null;
  const frame = (now) => {
    if (previous) record.frames.push(now - previous);
    previous = now;
    channel.port2.postMessage(null);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})();
