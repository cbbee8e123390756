// What belongs to the whole page: rooms, light, language, the list of conversations, dialogs. Runs once, in the head.
'use strict';
window.duban = (() => {
  const root = document.documentElement;
  const find = (query, from = document) => from.querySelector(query);
  const all = (query, from = document) => [...from.querySelectorAll(query)];

  // Light or dark: Gradio marks the body; `auto` follows the system.
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const light = () => {
    const theme = localStorage.getItem('duban-theme') ?? 'auto';
    document.body?.classList.toggle('dark', theme === 'dark' || (theme === 'auto' && dark.matches));
    all('[data-theme]').forEach(b => b.setAttribute('aria-pressed', String(b.dataset.theme === theme)));
  };
  dark.addEventListener('change', light);

  // A room is shown by the attribute of the root; others hear of it and fill themselves.
  const room = (name, focus = false) => {
    root.dataset.room = name;
    all('[role="tab"][data-room]').forEach(tab => {
      const here = tab.dataset.room === name;
      tab.setAttribute('aria-selected', String(here));
      tab.tabIndex = here ? 0 : -1;
      if (here && focus) tab.focus();
    });
    address({ room: name === 'ask' ? null : name });
    dispatchEvent(new CustomEvent('duban:room', { detail: name }));
  };
  const address = changes => {
    const url = new URL(location);
    for (const [name, value] of Object.entries(changes)) {
      value ? url.searchParams.set(name, value) : url.searchParams.delete(name);
    }
    if (url.href !== location.href) history.replaceState(null, '', url);
  };

  // The conversation that is open. The server keeps nothing of a reader: each event says which one it is about.
  const talk = { id: '', scope: {} }, takers = {}, early = {};
  const take = (name, taker) => {
    takers[name] = taker;
    if (name in early) taker(early[name]);
    delete early[name];
  };
  // A script may have changed what stands there: the comment makes Gradio compare with that, not with what it put there.
  let fed = 0;
  const feed = (name, props) => take(name, html => { props.value = `${html}<!--${++fed}-->`; });
  const said = message => {
    // the answer to a question that no longer stands there: its conversation was left meanwhile
    const gone = message.token && !find(`[data-token="${message.token}"]`);
    // what only adds to a conversation that was left or deleted meanwhile (a late search, a late verdict) opens nothing
    const late = !('chat' in message || 'turn' in message) && message.id !== talk.id;
    if (!gone && !late) Object.assign(talk, { id: message.id, scope: message.scope ?? talk.scope });
    for (const name of gone || late ? ['first', 'rail'] : Object.keys(message)) {
      const part = name === 'rail' ? 'convs' : name;
      if (message[name] === null || message[name] === undefined) continue;
      part in takers ? takers[part](message[name], message) : early[part] = message[name];
    }
    address({ c: talk.id });
    dispatchEvent(new Event('duban:talk'));
  };

  const narrow = () => innerWidth < 1100;
  const rail = open => {
    root.dataset.rail = open ? 'open' : 'shut';
    find('button[data-rail]')?.setAttribute('aria-expanded', String(open));
  };

  // One dialog for all questions: resolves to the values of its form, null where it was called off.
  const dialog = ({ title, how = '', fields = '', ok, cancel, danger = false }) => new Promise(resolve => {
    const box = document.createElement('dialog');
    box.className = 'duban';
    box.innerHTML = `<form method="dialog"><h2></h2><p></p><div class="fields">${fields}</div><div class="acts">
      <button type="button" class="secondary" value="cancel"></button><button class="${danger ? 'danger' : 'primary'}" value="ok"></button></div></form>`;
    find('h2', box).textContent = title;
    find('p', box).textContent = how;
    const [no, yes] = all('.acts button', box);
    no.textContent = cancel;
    yes.textContent = ok;
    no.addEventListener('click', () => box.close(''));
    box.addEventListener('close', () => {
      resolve(box.returnValue === 'ok' ? Object.fromEntries(new FormData(find('form', box))) : null);
      box.remove();
    });
    document.body.append(box);
    box.showModal();
  });

  const toast = words => {
    let box = find('#toast');
    if (!box) {
      box = document.createElement('div');
      box.id = 'toast';
      box.setAttribute('role', 'status');
      document.body.append(box);
    }
    box.textContent = words;
    box.classList.add('on');
    clearTimeout(box.timer);
    box.timer = setTimeout(() => box.classList.remove('on'), 2000);
  };

  const copy = async words => {
    try {
      await navigator.clipboard.writeText(words);
    } catch { // not over plain http from another machine
      const area = document.createElement('textarea');
      area.value = words;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
  };

  addEventListener('click', event => {
    const to = event.target.closest?.('button:is([data-room], [data-rail], [data-lang], [data-theme])');
    const menu = event.target.closest?.('details.menu, details.scope-menu');
    all('details.menu[open], details.scope-menu[open]').forEach(open => { if (open !== menu) open.open = false; });
    if (!to) return;
    if (to.dataset.room) room(to.dataset.room);
    else if ('rail' in to.dataset) rail(root.dataset.rail !== 'open');
    else if (to.dataset.theme) { localStorage.setItem('duban-theme', to.dataset.theme); light(); }
    else { document.cookie = `lang=${to.dataset.lang};path=/;max-age=31536000;samesite=lax`; location.reload(); }
  });
  addEventListener('keydown', event => {
    const tab = event.target.closest?.('[role="tab"]');
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (tab && step) {
      const tabs = all('[role="tab"]');
      room(tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length].dataset.room, true);
    }
    if (event.key === 'Escape' && !event.isComposing) {
      const open = find('details.menu[open], details.scope-menu[open]');
      if (open) { open.open = false; find('summary', open).focus(); }
      if (narrow() && root.dataset.rail === 'open') rail(false);
    }
  });

  // Enter that ends a word in an input method must not send the question (Gradio listens for keypress as well).
  for (const type of ['keydown', 'keypress']) {
    addEventListener(type, event => {
      if (event.key === 'Enter' && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
    }, true);
  }

  root.dataset.room = new URL(location).searchParams.get('room') ?? 'ask';
  rail(!narrow());
  // Gradio sets its own language and leaves a button without a name.
  const language = root.lang;
  new MutationObserver(() => {
    if (root.lang !== language) root.lang = language;
    const send = find('#box .submit-button:not([aria-label])');
    if (send?.textContent.trim()) send.setAttribute('aria-label', send.textContent.trim());
  }).observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ['lang'] });
  document.addEventListener('DOMContentLoaded', light);

  return { find, all, room, rail, narrow, dialog, toast, copy, address, light, talk, take, feed, said };
})();
