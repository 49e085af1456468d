// Keeps the page working when the browser translates it. A translator replaces text nodes by <font> elements. The page does
// not know that: it goes on changing nodes that are no longer in the document, so that numbers stop on the screen, and
// places new elements beside them, which fails.
{
  // The element that stands for a text node of the page.
  const stands = new WeakMap();
  const standIn = (node) => {
    const element = node && stands.get(node);
    return element?.parentNode ? element : node;
  };

  // From now on, the text node is where its stand-in is.
  const leave = (text, element) => {
    stands.set(text, element);
    Object.defineProperty(text, "parentNode", { configurable: true, get: () => element.parentNode });
    text.remove = () => {
      back(text);
      element.remove();
    };
    observer.observe(text, { characterData: true });
  };
  const back = (text) => {
    stands.delete(text);
    delete text.parentNode;
    delete text.remove;
  };

  let patched = false;
  const patch = () => {
    if (patched) return;
    patched = true;
    const { insertBefore, removeChild, replaceChild, appendChild } = Node.prototype;
    // A text node that the page moves takes the place of its stand-in.
    const moved = (node) => {
      if (stands.has(node)) node.remove();
      return node;
    };
    Node.prototype.insertBefore = function (node, before) {
      return insertBefore.call(this, moved(node), standIn(before));
    };
    Node.prototype.appendChild = function (node) {
      return appendChild.call(this, moved(node));
    };
    Node.prototype.replaceChild = function (node, old) {
      return replaceChild.call(this, moved(node), standIn(old));
    };
    Node.prototype.removeChild = function (node) {
      removeChild.call(this, standIn(node));
      back(node);
      return node;
    };
  };

  const observer = new MutationObserver((changes) => {
    for (const { type, target, addedNodes, removedNodes } of changes) {
      if (type === "characterData") {
        // The page has changed the text: it is shown, and the translator translates it anew.
        const element = stands.get(target);
        if (!element) continue;
        back(target);
        if (element.parentNode) element.replaceWith(target);
        continue;
      }
      if (removedNodes.length === 0) continue;
      const element = [...addedNodes].find((node) => node.nodeName === "FONT");
      if (!element) continue;
      patch();
      for (const node of removedNodes) {
        if (node.nodeType === Node.TEXT_NODE && !node.isConnected) leave(node, element);
      }
    }
  });
  observer.observe(document.body, { childList: true, subtree: true });
}
