// What Gradio's page lacks, for every part of it; runs once, in the head.
document.documentElement.lang = 'zh-Hans';

// Enter that ends a word in an input method must not send the question (Gradio listens for keypress as well).
for (const type of ['keydown', 'keypress']) {
  addEventListener(type, event => {
    if (event.key === 'Enter' && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
  }, true);
}

// Gradio names each message, in English, by its source; its words are name enough. The log gets the name of its tab.
new MutationObserver(() => {
  document.querySelectorAll('#chat .message [aria-label]').forEach(message => message.removeAttribute('aria-label'));
  const name = document.querySelector('#ask-button')?.textContent;
  const log = document.querySelector('#chat [role="log"]');
  if (name && log?.getAttribute('aria-label') !== name) log?.setAttribute('aria-label', name);
}).observe(document.documentElement, { subtree: true, childList: true });
