// Brings the latest question to the top, so that the answer is read from its beginning.
() => setTimeout(() => {
  const log = document.querySelector('#chat .bubble-wrap');
  const question = [...document.querySelectorAll('#chat .user-row')].pop();
  if (log && question) log.scrollTop += question.getBoundingClientRect().top - log.getBoundingClientRect().top - 16;
}, 60)
