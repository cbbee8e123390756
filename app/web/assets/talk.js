// What the server says of a conversation comes here as one message, whose parts go where each stands.
watch('value', () => duban.said(props.value));
