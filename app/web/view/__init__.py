"""What is shown, made from values: functions from answers, documents and rows to HTML, without a browser or a store."""
