// The conversation: what is asked by a click, what the reader thinks of an answer, what is copied.
// Gradio gives `element`, `trigger`, `props` and `watch`; page.py listens to 'ask_this', 'verdict' and 'greet'.
const words = name => element.closest('#ask').querySelector('.labels')?.getAttribute(`data-${name}`) ?? '';
const plain = node => {
  const copy = node.cloneNode(true);
  copy.querySelectorAll('.cite').forEach(cite => cite.replaceWith(`[${cite.textContent}]`));
  copy.querySelectorAll('br').forEach(br => br.replaceWith('\n'));
  return copy.textContent.trim();
};

const withSources = turn => {
  const lines = [...turn.querySelectorAll('.words')].map(plain);
  turn.querySelectorAll('.rows tbody tr').forEach(row => lines.push([...row.cells].map(plain).join('\t')));
  turn.querySelectorAll('.passages').forEach(group => {
    lines.push('', plain(group.querySelector('.small')));
    group.querySelectorAll('.passage').forEach(passage => {
      const [quote, where] = [passage.querySelector('.quote'), passage.querySelector('.where')];
      lines.push(`[${plain(passage.querySelector('.n'))}] ${[...where.children].map(plain).join(' › ')}${quote ? `\n“${plain(quote)}”` : ''}`);
    });
  });
  lines.push('', plain(turn.querySelector('.foot p')));
  return lines.join('\n').trim();
};

// A question stands there at once, as words, while it is being answered. Returned is what the server is to know of it.
const PATIENCE = 120_000; // until an answer is given up
let asked = 0;
duban.pending = question => {
  const token = `q${Date.now()}-${++asked}`, at = { ...duban.talk, token };
  if (!question.trim()) return at;
  let log = element.querySelector('.log');
  if (!log) {
    log = document.createElement('div');
    log.className = 'log';
    element.querySelector('[data-token="welcome"]')?.replaceWith(log);
  }
  log.querySelector('.follows')?.remove();
  const turn = document.createElement('article');
  turn.className = 'turn';
  turn.dataset.token = token;
  turn.innerHTML = '<h2 class="asked"></h2><div class="said"><p class="waiting"><span class="dots" aria-hidden="true"></span><span></span></p></div>';
  turn.querySelector('.asked').textContent = question.trim().slice(0, 500);
  turn.querySelector('.waiting span:last-child').textContent = words('searching');
  log.append(turn);
  bring(turn);
  setTimeout(() => {
    const waits = turn.querySelector('.waiting');
    if (waits) waits.textContent = words('lost');
  }, PATIENCE);
  const box = document.querySelector('#box textarea');
  if (box?.value === question) {
    box.value = '';
    box.dispatchEvent(new Event('input', { bubbles: true }));
  }
  return at;
};
const bring = turn => {
  const room = element.closest('#chat');
  room.scrollTop += turn.getBoundingClientRect().top - room.getBoundingClientRect().top - 16;
};
const made = html => {
  const made = document.createElement('template');
  made.innerHTML = html;
  return made.content.firstElementChild;
};

// The answer takes the place of its question, comes to the top, so that it is read from its beginning, and is said.
duban.take('turn', (html, { token }) => {
  const turn = made(html), waits = element.querySelector(`[data-token="${token}"]`);
  if (!waits) return;
  const first = !!waits.querySelector('.waiting');
  turn.dataset.token = token;
  waits.replaceWith(turn);
  if (first) bring(turn); // a better wording takes the place of the first one where the reader is
  let live = document.querySelector('#said');
  if (!live) {
    live = document.createElement('div');
    live.id = 'said';
    live.className = 'unseen';
    live.setAttribute('aria-live', 'polite');
    document.body.append(live);
  }
  live.textContent = [...turn.querySelectorAll('.grade, .words, .missing, .waiting')].map(plain).join(' ');
});
duban.take('follow', html => {
  const log = element.querySelector('.log');
  log?.querySelector('.follows')?.remove();
  if (html && !log?.querySelector('.waiting')) log?.append(made(html));
});
duban.take('verdict', ([number, liked]) => {
  const turn = element.querySelector(`#turn-${Number(number)}`);
  for (const [act, value] of [['up', true], ['down', false]]) {
    turn?.querySelector(`[data-${act}]`)?.setAttribute('aria-pressed', String(liked === value));
  }
});

const judge = (turn, liked, reason = '') => trigger('verdict', { id: duban.talk.id, turn, liked, reason });
element.addEventListener('click', async event => {
  const at = event.target.closest('[data-ask],[data-copy],[data-up],[data-down],[data-more]');
  if (!at) return;
  if ('ask' in at.dataset) {
    trigger('ask_this', { question: at.dataset.ask, ...duban.pending(at.dataset.ask) });
  } else if ('copy' in at.dataset) {
    await duban.copy(withSources(at.closest('.turn')));
    duban.toast(words('copied'));
  } else if ('more' in at.dataset) {
    at.closest('.rows, .passages').querySelector('.rest').hidden = false;
    at.remove();
  } else {
    const turn = at.dataset.turn, up = 'up' in at.dataset;
    if (at.getAttribute('aria-pressed') === 'true') {
      judge(turn, null);
    } else if (up) {
      judge(turn, true);
    } else {
      const reasons = [1, 2, 3, 4].map(n => words(`judge-${n}`));
      const fields = reasons.map(reason => `<label class="radio"><input type="radio" name="reason" value="${reason}">${reason}</label>`)
        .join('') + `<label>${words('judge-more')}<textarea name="more" rows="2" maxlength="1000"></textarea></label>`;
      const said = await duban.dialog({ title: words('judge-title'), fields, ok: words('submit'), cancel: words('cancel') });
      if (said) judge(turn, false, [said.reason, said.more].filter(Boolean).join('；'));
    }
  }
});

// What greets the reader says what is held: documents came or went, at this page or by the command.
const greet = () => { if (!duban.talk.id && element.querySelector('.welcome')) trigger('greet', { scope: duban.talk.scope }); };
addEventListener('duban:changed', greet);
addEventListener('duban:room', event => { if (event.detail === 'ask' && element.querySelector('.welcome.empty')) greet(); });
