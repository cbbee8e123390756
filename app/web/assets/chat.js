// The conversation: what is asked by a click, what the reader thinks of an answer, what is copied.
// Gradio gives `element`, `trigger`, `props` and `watch`; page.py listens to 'ask_this' and 'verdict'.
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
      lines.push(`[${plain(passage.querySelector('.n'))}] ${plain(where)}${quote ? `\n“${plain(quote)}”` : ''}`);
    });
  });
  lines.push('', plain(turn.querySelector('.foot p')));
  return lines.join('\n').trim();
};

// A question stands there at once, as words, while it is being answered.
duban.pending = question => {
  if (!question.trim()) return;
  let log = element.querySelector('.log');
  if (!log) {
    log = document.createElement('div');
    log.className = 'log';
    element.querySelector('.welcome')?.replaceWith(log);
  }
  log.querySelector('.follows')?.remove();
  const turn = document.createElement('article');
  turn.className = 'turn';
  turn.innerHTML = '<h2 class="asked"></h2><div class="said"><p class="waiting"><span class="dots" aria-hidden="true"></span><span></span></p></div>';
  turn.querySelector('.asked').textContent = question.trim().slice(0, 500);
  turn.querySelector('.waiting span:last-child').textContent = words('searching');
  log.append(turn);
  bring(turn);
};
const bring = turn => {
  const room = element.closest('#chat');
  room.scrollTop += turn.getBoundingClientRect().top - room.getBoundingClientRect().top - 16;
};

element.addEventListener('click', async event => {
  const at = event.target.closest('[data-ask],[data-copy],[data-up],[data-down],[data-more]');
  if (!at) return;
  if ('ask' in at.dataset) {
    duban.pending(at.dataset.ask);
    trigger('ask_this', { question: at.dataset.ask });
  } else if ('copy' in at.dataset) {
    await duban.copy(withSources(at.closest('.turn')));
    duban.toast(words('copied'));
  } else if ('more' in at.dataset) {
    at.closest('.rows').querySelector('.rest').hidden = false;
    at.remove();
  } else {
    const turn = at.dataset.turn, up = 'up' in at.dataset;
    if (at.getAttribute('aria-pressed') === 'true') {
      trigger('verdict', { turn, liked: null });
    } else if (up) {
      trigger('verdict', { turn, liked: true });
    } else {
      const reasons = [1, 2, 3, 4].map(n => words(`judge-${n}`));
      const fields = reasons.map(reason => `<label class="radio"><input type="radio" name="reason" value="${reason}">${reason}</label>`)
        .join('') + `<label>${words('judge-more')}<textarea name="more" rows="2" maxlength="1000"></textarea></label>`;
      const said = await duban.dialog({ title: words('judge-title'), fields, ok: words('submit'), cancel: words('cancel') });
      if (said) trigger('verdict', { turn, liked: false, reason: [said.reason, said.more].filter(Boolean).join('；') });
    }
  }
});

// The latest question comes to the top, so that the answer is read from its beginning; and the answer is said.
watch('value', () => requestAnimationFrame(() => {
  const log = element.querySelector('.log');
  if (!log?.dataset.fresh) return;
  const last = [...log.querySelectorAll('.turn')].pop();
  if (log.dataset.fresh === 'yes') bring(last);
  let live = document.querySelector('#said');
  if (!live) {
    live = document.createElement('div');
    live.id = 'said';
    live.className = 'unseen';
    live.setAttribute('aria-live', 'polite');
    document.body.append(live);
  }
  live.textContent = [...last.querySelectorAll('.grade, .words, .missing, .waiting')].map(plain).join(' ');
}));
